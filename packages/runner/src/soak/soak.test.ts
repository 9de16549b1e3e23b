import type { SoakRecord } from '@expand-contract/control'
import { describe, expect, test } from 'vitest'
import { type SoakEvidence, type SoakProcess, soakOf } from './soak.ts'

const DAY = 86_400_000
const WANTED = 7 * DAY
const BEGUN = new Date('2026-11-01T00:00:00Z')
const after = (days: number, ms = 0): Date => new Date(BEGUN.getTime() + days * DAY + ms)

const process = (id: string, now: Date, more: Partial<SoakProcess> = {}): SoakProcess => ({
  ...{ id, startedAt: BEGUN, heartbeatAt: now, ttlMs: 15_000, leftAt: undefined, lastOldAt: undefined },
  ...{ keeps: undefined, newReads: 1, ...more },
})

const evidence = (days: number, more: Partial<SoakEvidence> = {}): SoakEvidence => ({
  ...{ now: after(days), begun: BEGUN, processes: [process('web', after(days))], mismatches: [], bypassed: 0 },
  ...{ lastBypass: undefined, ...more },
})

const look = (days: number, since: Date | undefined, bypassed = 0): SoakRecord => ({
  ...{ migration: 'm', since, lookedAt: after(days), bypassed, silent: {} },
})

describe('the soak, on simulated time', () => {
  test('runs from the phase on, and is over after its time and not before', () => {
    expect(soakOf(undefined, evidence(6.99), WANTED)).toMatchObject({
      since: BEGUN,
      met: false,
      over: after(7),
      restarts: [],
    })
    expect(soakOf(look(3, BEGUN), evidence(7), WANTED)).toMatchObject({ since: BEGUN, met: true, ms: WANTED })
  })

  test.each<[string, Partial<SoakEvidence>, string, number]>([
    [
      'a read of the old column by a statement',
      { processes: [process('web', after(5), { lastOldAt: after(4), keeps: 'select to_tsvector(u)' })] },
      'old-read',
      4,
    ],
    ['a flag that was turned back', { processes: [process('web', after(5), { lastOldAt: after(3) })] }, 'flag', 3],
    [
      'a read by a process that is gone',
      { processes: [process('web', after(5)), process('old', after(2), { lastOldAt: after(1), leftAt: after(2) })] },
      'flag',
      1,
    ],
    ['a mismatch', { mismatches: [{ at: after(2), detail: '15 of 100 rows differed' }] }, 'mismatch', 2],
    ['a bypassing writer', { bypassed: 1, lastBypass: { at: after(4, -60_000), who: 'psql as dba' } }, 'bypass', 4],
    ['one that no sample tells of, at the look', { bypassed: 7 }, 'bypass', 5],
  ])('begins again by %s, and says so', (_, more, reason, day) => {
    const soak = soakOf(look(0.5, BEGUN), evidence(5, more), WANTED)
    expect(soak).toMatchObject({ since: after(day), met: false, over: after(day + 7) })
    expect(soak.restarts).toEqual([{ at: after(day), reason, detail: expect.any(String) }])
    // What was told is told once: the next look begins from there.
    expect(
      soakOf(
        look(5, soak.since, more.bypassed),
        evidence(5.5, {
          ...more,
          processes: more.processes?.map((each) => (each.leftAt ? each : { ...each, heartbeatAt: after(5.5) })) ?? [
            process('web', after(5.5)),
          ],
        }),
        WANTED,
      ),
    ).toMatchObject({
      ...{ since: after(day), restarts: [] },
    })
  })

  test('the counter that has stood still since the last look is no reason, whatever it stands at', () => {
    const more = { bypassed: 7, lastBypass: { at: after(-2), who: 'psql' } }
    expect(soakOf(look(3, BEGUN, 7), evidence(7, more), WANTED)).toMatchObject({ met: true, restarts: [] })
    // At the first look the sample counts.
    expect(
      soakOf(undefined, evidence(7, { ...more, lastBypass: { at: after(1, -60_000), who: 'psql' } }), WANTED),
    ).toMatchObject({ since: after(1) })
  })

  test('does not run while the old column is read, and begins with the last read', () => {
    const reading = evidence(3, {
      processes: [process('web', after(3)), process('cron', after(3), { lastOldAt: after(3, -10_000) })],
    })
    const now = soakOf(look(2, BEGUN), reading, WANTED)
    expect(now).toMatchObject({
      since: undefined,
      ms: 0,
      met: false,
      over: undefined,
      why: 'cron reads the old column',
    })
    expect(now.restarts).toMatchObject([{ reason: 'flag' }])
    // It goes on reading: that is told once.
    expect(soakOf(look(3, undefined), { ...reading, now: after(3, 20_000) }, WANTED).restarts).toEqual([])
    const later = evidence(4, {
      processes: [process('web', after(4)), process('cron', after(4), { lastOldAt: after(3, -10_000) })],
    })
    expect(soakOf(look(3, undefined), later, WANTED)).toMatchObject({ since: after(3, -10_000), restarts: [] })
  })

  test('a process that went silent without leaving may have read anything until then', () => {
    const processes = [process('web', after(7)), process('lost', after(6))]
    const soak = soakOf(look(5, BEGUN), evidence(7, { processes }), WANTED)
    expect(soak).toMatchObject({ since: after(6, 15_000), met: false, silent: { lost: after(6).toISOString() } })
    expect(soak.restarts).toMatchObject([{ reason: 'silent', detail: expect.stringContaining('lost') }])
    const left = [process('web', after(7)), process('left', after(6), { leftAt: after(6) })]
    expect(soakOf(look(5, BEGUN), evidence(7, { processes: left }), WANTED)).toMatchObject({ met: true })
  })

  test('time without a live process is no proof; that of a deploy is too short to count', () => {
    const first = process('a', after(2), { leftAt: after(2) })
    const second = (ms: number) => process('b', after(9), { startedAt: after(2, ms) })
    expect(soakOf(look(1, BEGUN), evidence(9, { processes: [second(120_000), first] }), WANTED)).toMatchObject({
      since: BEGUN,
      met: true,
    })
    const gap = soakOf(look(1, BEGUN), evidence(9, { processes: [second(3_600_000), first] }), WANTED)
    expect(gap).toMatchObject({ since: after(2, 3_600_000), met: false, restarts: [{ reason: 'no-evidence' }] })
    expect(soakOf(look(1, BEGUN), evidence(9, { processes: [first] }), WANTED)).toMatchObject({
      since: undefined,
      met: false,
      why: expect.stringContaining('no live process'),
    })
    expect(soakOf(undefined, evidence(9, { processes: [] }), WANTED)).toMatchObject({ met: false })
  })

  test('nothing that reads the new column is no soak', () => {
    expect(
      soakOf(undefined, evidence(9, { processes: [process('idle', after(9), { newReads: 0 })] }), WANTED),
    ).toMatchObject({
      ...{ met: false, why: 'no process has read the new column yet' },
    })
  })

  test('a new epoch is a restart: a repair has written rows', () => {
    const soak = soakOf(look(5, BEGUN), evidence(8, { begun: after(6) }), WANTED)
    expect(soak).toMatchObject({ since: after(6), met: false, restarts: [{ at: after(6), reason: 'epoch' }] })
  })

  test('a clock that is set back gives nothing away', () => {
    expect(soakOf(look(5, after(5)), evidence(4), WANTED)).toMatchObject({ ms: 0, met: false })
  })
})
