import {
  acquireLease,
  addRanges,
  advanceRange,
  appendEvent,
  beginMigration,
  type Control,
  claimRange,
  clearFailures,
  clearRanges,
  countFailures,
  declarationHash,
  openControl,
  readBackfills,
  readEvents,
  readFailures,
  readLeases,
  readMigration,
  readMigrations,
  readRanges,
  readVerifications,
  recordFailures,
  recordPhase,
  recordVerification,
  releaseLease,
  renewLease,
  setBackfill,
} from '@expand-contract/control'
import { changeColumnType, renameColumn } from '@expand-contract/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_KINDS, type OpenedControl, openedControl } from './control-clients.ts'

const DANA = { who: 'dana@ops-2', host: 'ops-2', version: '0.4.0' }
const NAME = renameColumn({ table: 'crm.users', from: 'name', to: 'full_name' })
const NO_CLIENT: Control['client'] = { query: async () => ({ rows: [] }) }

describe.each(CLIENT_KINDS)('records, by $name', (kind) => {
  let opened: OpenedControl
  let control: Control
  beforeAll(async () => {
    opened = await openedControl(kind, 'our "control"')
    control = opened.control
  })
  afterAll(() => opened?.[Symbol.asyncDispose]())

  const begin = async (id: string, lease?: string) => {
    const migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', id })
    const begun = await beginMigration(control, { migration, oldPositions: { 'public.users': { name: 2 } }, ...DANA })
    return { id, migration, begun, move: { migration: id, lease, ...DANA } }
  }

  test('a migration begins, is read, and cannot begin twice', async () => {
    const begun = await beginMigration(control, {
      migration: NAME,
      oldPositions: { 'crm.users': { name: 2 } },
      ...DANA,
    })
    expect(begun).toMatchObject({
      id: 'crm.users.full_name',
      tableSchema: 'crm',
      tableName: 'users',
      phase: 'expand',
      epoch: 1,
      declarationHash: declarationHash(NAME),
      oldPositions: { 'crm.users': { name: 2 } },
      createdBy: 'dana@ops-2',
    })
    expect(begun.createdAt).toBeInstanceOf(Date)
    expect(await readMigration(control, NAME.id)).toEqual(begun)
    expect(await readMigrations(control)).toContainEqual(begun)
    expect(await readMigration(control, 'none')).toBeUndefined()
    await expect(beginMigration(control, { migration: NAME, oldPositions: {}, ...DANA })).rejects.toMatchObject({
      code: 'EC_CONTROL_MOVED',
      message: expect.stringContaining('it is in expand, epoch 1'),
    })
  })

  test('the phase moves from where it was seen, with its event, and from nowhere else', async () => {
    const { id, move } = await begin('moves')
    const switched = await recordPhase(control, {
      ...move,
      operation: 'switch',
      from: 'expand',
      epoch: 1,
      figures: { rows: 3 },
    })
    expect(switched).toMatchObject({ phase: 'switch', epoch: 2 })
    const late = recordPhase(control, { ...move, operation: 'switch', from: 'expand', epoch: 1 })
    await expect(late).rejects.toMatchObject({ code: 'EC_CONTROL_MOVED', migration: id })
    const unknown = recordPhase(control, { ...move, migration: 'none', operation: 'switch', from: 'expand', epoch: 1 })
    await expect(unknown).rejects.toThrow('it is not recorded')
    const illegal = recordPhase(control, { ...move, operation: 'drop', from: 'switch', epoch: 2 })
    await expect(illegal).rejects.toMatchObject({
      code: 'EC_CONTROL_TRANSITION',
      hint: expect.stringContaining('contract'),
    })
    expect(await recordPhase(control, { ...move, operation: 'repair', from: 'switch', epoch: 2 })).toMatchObject({
      phase: 'switch',
      epoch: 3,
    })
    const events = await readEvents(control, { migration: id })
    expect(events.map(({ kind, who, host, version, figures }) => ({ kind, who, host, version, figures }))).toEqual([
      { kind: 'phase', ...DANA, figures: { operation: 'expand', from: 'off', to: 'expand', epoch: 1 } },
      { kind: 'phase', ...DANA, figures: { operation: 'switch', from: 'expand', to: 'switch', epoch: 2, rows: 3 } },
      { kind: 'phase', ...DANA, figures: { operation: 'repair', from: 'switch', to: 'switch', epoch: 3 } },
    ])
  })

  test('of many who move it at once one does', async () => {
    const { move } = await begin('race')
    const moves = Array.from({ length: 10 }, () =>
      recordPhase(control, { ...move, operation: 'switch', from: 'expand', epoch: 1 }),
    )
    const done = await Promise.allSettled(moves)
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readEvents(control, { migration: 'race' })).toHaveLength(2)
  })

  test('one that was rolled back begins again, with the declaration of now', async () => {
    const { move, begun } = await begin('again')
    await recordPhase(control, { ...move, operation: 'rollback', from: 'expand', epoch: 1 })
    const migration = changeColumnType({
      table: 'users',
      from: 'name',
      fromType: 'text',
      to: 'label',
      type: 'varchar(20)',
      id: 'again',
    })
    const anew = await beginMigration(control, { migration, oldPositions: {}, ...DANA })
    expect(anew).toMatchObject({ phase: 'expand', epoch: 3, declarationHash: declarationHash(migration) })
    expect(anew.createdAt).toEqual(begun.createdAt)
    expect(anew.declarationHash).not.toBe(begun.declarationHash)
  })

  test('the timeline is read by migration, kind and time, the newest of it', async () => {
    const since = (await appendEvent(control, { kind: 'first', migration: 'timeline', ...DANA })).at
    const last = await appendEvent(control, {
      kind: 'last',
      migration: 'timeline',
      who: 'trigger',
      figures: { at: '2026-01-01' },
    })
    expect(last).toMatchObject({ host: undefined, version: undefined, figures: { at: '2026-01-01' } })
    expect((await readEvents(control, { migration: 'timeline', limit: 1 })).map(({ kind }) => kind)).toEqual(['last'])
    expect(await readEvents(control, { migration: 'timeline', kind: 'first', since })).toHaveLength(1)
    expect(await readEvents(control, { migration: 'timeline', since: new Date(Date.now() + 3_600_000) })).toEqual([])
    expect(await appendEvent(control, { kind: 'installed', ...DANA })).toMatchObject({ migration: undefined })
  })

  test('a lease is held by one, renewed, released, and taken over when it is not renewed', async () => {
    const request = { migration: 'leased', operation: 'backfill', pid: 90_211, ...DANA }
    const mine = await acquireLease(control, request)
    if (mine.token === undefined) throw new Error('the lease was held')
    const other = await acquireLease(control, { ...request, who: 'kim@ops-1' })
    expect(other).toMatchObject({
      token: undefined,
      heldBy: { who: 'dana@ops-2', operation: 'backfill', host: 'ops-2', pid: 90_211 },
    })
    const renewed = await renewLease(control, { migration: 'leased', token: mine.token, ttlMs: 60_000 })
    expect(renewed?.until.getTime()).toBeGreaterThan(mine.lease.until.getTime())
    expect(await readLeases(control)).toEqual([renewed])
    expect(await releaseLease(control, { migration: 'leased', token: mine.token })).toBe(true)
    expect(await releaseLease(control, { migration: 'leased', token: mine.token })).toBe(false)

    const short = await acquireLease(control, { ...request, ttlMs: 0 })
    const after = await acquireLease(control, { ...request, who: 'kim@ops-1' })
    expect(after).toMatchObject({ lease: { who: 'kim@ops-1' } })
    expect(await renewLease(control, { migration: 'leased', token: short.token ?? '' })).toBeUndefined()
  })

  test('of many who take a lease at once one has it', async () => {
    const request = { migration: 'wanted', operation: 'expand', ...DANA }
    const taken = await Promise.all(Array.from({ length: 12 }, () => acquireLease(control, request)))
    expect(taken.filter(({ token }) => token !== undefined)).toHaveLength(1)
  })

  test('a phase is recorded under a lease only while that is held', async () => {
    const taken = await acquireLease(control, { migration: 'fenced', operation: 'switch', ...DANA })
    const { move } = await begin('fenced', taken.token)
    await releaseLease(control, { migration: 'fenced', token: taken.token ?? '' })
    const late = recordPhase(control, { ...move, operation: 'switch', from: 'expand', epoch: 1 })
    await expect(late).rejects.toMatchObject({ code: 'EC_CONTROL_MOVED', message: expect.stringContaining('lease') })
    expect(await readMigration(control, 'fenced')).toMatchObject({ phase: 'expand', epoch: 1 })
  })

  test('a backfill is steered from another terminal: what is not said stays as it is', async () => {
    await begin('filled')
    expect(await setBackfill(control, { migration: 'filled', workers: 2, rate: 1_000 })).toMatchObject({
      workers: 2,
      rate: 1_000,
      profile: 'gentle',
      paused: false,
      finishedAt: undefined,
    })
    expect(
      await setBackfill(control, { migration: 'filled', paused: true, pausedBy: 'kim', reason: 'office hours' }),
    ).toMatchObject({
      workers: 2,
      paused: true,
      pausedBy: 'kim',
      reason: 'office hours',
    })
    const resumed = await setBackfill(control, { migration: 'filled', paused: false, rate: null, profile: 'fast' })
    expect(resumed).toMatchObject({
      paused: false,
      pausedBy: undefined,
      reason: undefined,
      rate: undefined,
      profile: 'fast',
    })
    const finished = await setBackfill(control, { migration: 'filled', finished: true })
    expect(finished.finishedAt).toBeInstanceOf(Date)
    expect(await readBackfills(control, 'filled')).toEqual([finished])
  })

  test('ranges are claimed by one worker each, and their cursors move for it alone', async () => {
    await begin('ranged')
    await setBackfill(control, { migration: 'ranged' })
    const range = { relation: 'public.users', relfilenode: 16_400 }
    const ranges = [
      { ...range, part: 0, firstBlock: 0, endBlock: 100 },
      { ...range, part: 1, firstBlock: 100, endBlock: 200 },
      { ...range, part: 2, firstBlock: 200, endBlock: 200 },
    ]
    expect(await addRanges(control, { migration: 'ranged', ranges })).toHaveLength(3)
    expect(await addRanges(control, { migration: 'ranged', ranges })).toEqual([])
    const [one, two] = [crypto.randomUUID(), crypto.randomUUID()]
    const first = await claimRange(control, { migration: 'ranged', token: one, worker: 'one' })
    const second = await claimRange(control, { migration: 'ranged', token: two, worker: 'two' })
    expect([first?.part, second?.part]).toEqual([0, 1])
    expect(
      await claimRange(control, { migration: 'ranged', token: crypto.randomUUID(), worker: 'three' }),
    ).toBeUndefined()
    const step = { migration: 'ranged', ...range, part: 0, token: one }
    expect(await advanceRange(control, { ...step, fromBlock: 0, cursorBlock: 60, rows: 5 })).toMatchObject({
      cursorBlock: 60,
      rows: 5,
    })
    // Not of this worker; not from where it is; not of this file.
    expect(
      await advanceRange(control, { ...step, token: two, fromBlock: 60, cursorBlock: 70, rows: 1 }),
    ).toBeUndefined()
    expect(await advanceRange(control, { ...step, fromBlock: 0, cursorBlock: 70, rows: 1 })).toBeUndefined()
    expect(
      await advanceRange(control, { ...step, relfilenode: 1, fromBlock: 60, cursorBlock: 70, rows: 1 }),
    ).toBeUndefined()
    const done = await advanceRange(control, { ...step, fromBlock: 60, cursorBlock: 100, rows: 5, ttlMs: 0 })
    expect(done).toMatchObject({ rows: 10, finishedAt: expect.any(Date) })
    expect((await readRanges(control, 'ranged')).map(({ finishedAt }) => finishedAt !== undefined)).toEqual([
      true,
      false,
      true,
    ])
    expect(await clearRanges(control, { migration: 'ranged', relation: 'public.users' })).toBe(3)
  })

  test('a range whose worker has gone is taken over', async () => {
    await begin('abandoned')
    await setBackfill(control, { migration: 'abandoned' })
    await addRanges(control, {
      migration: 'abandoned',
      ranges: [{ relation: 'r', part: 0, relfilenode: 1, firstBlock: 0, endBlock: 9 }],
    })
    const [one, two] = [crypto.randomUUID(), crypto.randomUUID()]
    await claimRange(control, { migration: 'abandoned', token: one, worker: 'one', ttlMs: 0 })
    expect(await claimRange(control, { migration: 'abandoned', token: two, worker: 'two' })).toMatchObject({
      worker: 'two',
    })
    const late = { migration: 'abandoned', relation: 'r', part: 0, relfilenode: 1, token: one }
    expect(await advanceRange(control, { ...late, fromBlock: 0, cursorBlock: 9, rows: 1 })).toBeUndefined()
  })

  test('rows that could not be filled are recorded once each', async () => {
    await begin('failing')
    await setBackfill(control, { migration: 'failing' })
    const failure = { migration: 'failing', relation: 'public.users', key: { id: 7 }, class: '22P02' }
    await recordFailures(control, [failure, failure, { ...failure, key: { id: 8 } }])
    await recordFailures(control, [{ ...failure, class: '23514' }])
    expect(await countFailures(control, 'failing')).toBe(2)
    expect(await readFailures(control, { migration: 'failing' })).toEqual([
      { ...failure, class: '23514', at: expect.any(Date) },
      { ...failure, key: { id: 8 }, at: expect.any(Date) },
    ])
    expect(await clearFailures(control, 'failing')).toBe(2)
  })

  test('verifications are kept, the newest first', async () => {
    await begin('verified')
    const pass = {
      migration: 'verified',
      epoch: 1,
      rows: 10,
      who: 'dana',
      samples: {},
      triggers: { 'public.users': 'A' },
    }
    const ahead = new Date(Date.now() + 3_600_000)
    await recordVerification(control, {
      ...pass,
      startedAt: new Date(),
      counts: { differs: 2 },
      samples: { differs: [{ id: 1 }] },
      clean: false,
    })
    const clean = await recordVerification(control, { ...pass, startedAt: ahead, counts: {}, clean: true })
    expect(clean).toMatchObject({ epoch: 1, rows: 10, clean: true, startedAt: ahead, endedAt: ahead })
    expect((await readVerifications(control, { migration: 'verified' })).map(({ clean: each }) => each)).toEqual([
      true,
      false,
    ])
  })

  test('a schema that is not installed is said to be missing', async () => {
    const elsewhere = openControl(control.client, { schema: 'nowhere' })
    await expect(readMigrations(elsewhere)).rejects.toMatchObject({
      code: 'EC_CONTROL_MISSING',
      message: expect.stringContaining('"nowhere"'),
      hint: expect.stringContaining('expand-contract init'),
    })
  })
})

test('what a driver raises is passed on as it is', async () => {
  const cause = Object.assign(new Error('gone'), { code: '57P01' })
  const client = { query: () => Promise.reject(cause) }
  await expect(readMigrations(openControl(client))).rejects.toBe(cause)
  expect(await readMigrations(openControl(NO_CLIENT))).toEqual([])
})

test('the hash of a declaration is of what decides about the data', () => {
  const hash = (options: object = {}) =>
    declarationHash(renameColumn({ table: 'users', from: 'name', to: 'full_name', ...options }))
  expect(hash()).toMatch(/^sha256:[0-9a-f]{64}$/u)
  expect(hash({ flag: 'f', app: 'new', id: 'other', after: 'id' })).toBe(hash())
  expect(hash({ type: 'text' })).not.toBe(hash())
  expect(hash({ table: 'crm.users' })).not.toBe(hash())
})
