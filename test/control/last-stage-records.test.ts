import {
  beginMigration,
  type Control,
  readBackups,
  readEvents,
  readMigration,
  readSoak,
  recordBackup,
  recordPhase,
  recordRestored,
  recordSoak,
} from '@expand-contract/control'
import { type OperationName, type Phase, renameColumn } from '@expand-contract/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_KINDS, type OpenedControl, openedControl } from './control-clients.ts'

const DANA = { who: 'dana@ops-2', host: 'ops-2', version: '0.4.0' }

describe.each(CLIENT_KINDS)('records of the last stage, by $name', (kind) => {
  let opened: OpenedControl
  let control: Control
  beforeAll(async () => {
    opened = await openedControl(kind, 'our "control"')
    control = opened.control
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const begin = async (id: string) =>
    beginMigration(control, {
      ...{ migration: renameColumn({ table: 'users', from: 'name', to: 'full_name', id }), oldPositions: {} },
      ...DANA,
    })

  test('phases to the end and back, with what contract took from the old columns', async () => {
    const { id: migration } = await begin('phases')
    let now = await recordPhase(control, { migration, operation: 'switch', from: 'expand', epoch: 1, ...DANA })
    const contracted = { 'public.users': { name: { notNull: true } } }
    now = await recordPhase(control, {
      ...{ migration, operation: 'contract', from: 'switch', epoch: now.epoch, contracted },
      ...DANA,
    })
    for (const [operation, from, to] of [
      ['hold', 'contract', 'hold'],
      ['unhold', 'hold', 'contract'],
      ['hold', 'contract', 'hold'],
      ['drop', 'hold', 'dropped'],
      ['restore', 'dropped', 'contract'],
      ['rollback', 'contract', 'switch'],
    ] as const) {
      now = await recordPhase(control, { migration, operation, from, epoch: now.epoch, ...DANA })
      expect(now).toMatchObject({ phase: to, contracted })
    }
    await expect(
      recordPhase(control, { migration, operation: 'drop', from: 'contract', epoch: 1, ...DANA }),
    ).rejects.toMatchObject({ code: 'EC_CONTROL_TRANSITION' })
    expect(await readMigration(control, migration)).toMatchObject({ phase: 'switch', contracted })
  })

  test('a column that was dropped and restored keeps its first place when the migration begins again; any other has that of now', async () => {
    for (const [id, last] of [
      ['restored', ['restore', 'dropped']],
      ['kept', ['unhold', 'hold']],
    ] as const) {
      const migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', id })
      await beginMigration(control, { migration, oldPositions: { 'public.users': { name: 2 } }, ...DANA })
      let { epoch } = await recordPhase(control, {
        migration: id,
        operation: 'switch',
        from: 'expand',
        epoch: 1,
        ...DANA,
      })
      const steps = [
        ...[['contract', 'switch'], ['hold', 'contract'], ...(last[0] === 'restore' ? [['drop', 'hold']] : []), last],
        ...[
          ['rollback', 'contract'],
          ['rollback', 'switch'],
          ['rollback', 'expand'],
        ],
      ] as readonly (readonly [OperationName, Phase])[]
      for (const [operation, from] of steps)
        epoch = (await recordPhase(control, { migration: id, operation, from, epoch, ...DANA })).epoch
      const oldPositions = { 'public.users': { name: 5 }, 'public.users_1': { name: 4 } }
      expect(await beginMigration(control, { migration, oldPositions, ...DANA })).toMatchObject({
        phase: 'expand',
        oldPositions: last[0] === 'restore' ? { ...oldPositions, 'public.users': { name: 2 } } : oldPositions,
      })
    }
  })

  test('a backup counts once it was restored', async () => {
    const facts = { migration: 'backup', epoch: 4, rows: 2, bytes: 100, who: DANA.who }
    const taken = await recordBackup(control, { ...facts, path: 'backups/b.zst', sha256: 'ab' })
    expect(taken).toMatchObject({ rows: 2, bytes: 100, who: DANA.who, takenAt: expect.any(Date) })
    expect(taken).toMatchObject({ restoredAt: undefined, equal: undefined, evidence: undefined, figures: {} })
    const other = await recordBackup(control, { ...facts, evidence: 'barman 20261127', figures: { lossy: 0 } })
    expect(await recordRestored(control, { id: taken.id, equal: true, figures: { ms: 12 } })).toMatchObject({
      ...{ restoredAt: expect.any(Date), equal: true, figures: { ms: 12 } },
    })
    const read = await readBackups(control, { migration: 'backup' })
    expect(read.map(({ id, equal }) => [id, equal])).toEqual([
      [other.id, undefined],
      [taken.id, true],
    ])
    await expect(recordBackup(control, facts)).rejects.toMatchObject({ code: '23514' })
  })

  test('a soak is what the last look has left, and a restart is told once', async () => {
    const { id: migration } = await begin('soak')
    expect(await readSoak(control, migration)).toBeUndefined()
    const since = new Date('2026-11-26T13:20:00Z')
    const restarts = [{ at: since, reason: 'old-read', detail: 'worker-55d9 read the old column' }]
    const soak = { migration, since, bypassed: 3, silent: { pod: since.toISOString() }, restarts, ...DANA }
    for (const hour of [14, 15])
      expect(await recordSoak(control, { ...soak, lookedAt: new Date(`2026-11-26T${hour}:00:00Z`) })).toMatchObject({
        ...{ since, bypassed: 3, silent: soak.silent },
      })
    // Another one has looked later.
    expect(await recordSoak(control, { ...soak, since: undefined, lookedAt: since })).toBeUndefined()
    expect(await readSoak(control, migration)).toMatchObject({ since, lookedAt: new Date('2026-11-26T15:00:00Z') })
    const events = await readEvents(control, { migration, kind: 'soak-restarted' })
    expect(events.map(({ figures }) => figures)).toEqual([
      { at: since.toISOString(), reason: 'old-read', detail: restarts[0]?.detail },
    ])
    await recordSoak(control, { ...soak, since: undefined, lookedAt: new Date() })
    expect(await readSoak(control, migration)).toMatchObject({ since: undefined })
  })
})
