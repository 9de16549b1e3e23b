import {
  createRuntime,
  ExpandContractError,
  type FlagContext,
  type FlagSource,
  renameColumn,
} from '@expand-contract/core'
import { type UnleashFlagsOptions, type UnleashWarning, unleashFlags } from '@expand-contract/unleash'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { startUnleash, type UnleashServer } from '../support/unleash.ts'
import type { FlagStrategy } from '../support/unleash-admin.ts'
import { CLIENT_VERSIONS, type ClientVersion, type TestClient, type TestClients, testClients } from './clients.ts'

let database: TestDatabase
let server: UnleashServer
beforeAll(async () => {
  database = await createDatabase(newestMajor())
  server = await startUnleash({ databaseUrl: database.url })
  await server.createStrategyKind('gradualRolloutRandom', 'percentage')
})
afterAll(async () => {
  await server?.stop()
  await database?.drop()
})

let flagNumber = 0
async function newFlag(...strategies: readonly FlagStrategy[]): Promise<string> {
  const name = `read-new-${++flagNumber}`
  await server.createFlag(name)
  await server.setStrategies(name, strategies)
  await server.enable(name)
  return name
}
const rollout = (share: number, stickiness: string, rest: Partial<FlagStrategy> = {}): FlagStrategy => ({
  name: 'flexibleRollout',
  parameters: { rollout: String(share), stickiness, groupId: 'reads' },
  ...rest,
})
interface Synchronised {
  readonly source: FlagSource
  readonly client: TestClient
  readonly warnings: readonly UnleashWarning[]
}
/** The server is there only when the tests run. */
function lazyClients(version: ClientVersion): () => TestClients {
  let clients: TestClients | undefined
  return () => (clients ??= testClients(server, version))
}
const everybody = rollout(100, 'default')
/** `expect.poll` does not work in tests that run at once. */
const soon = { timeout: 60_000, interval: 50 }

describe.concurrent.each(CLIENT_VERSIONS)('flags of a real server through the %s client', (_, version) => {
  const clients = lazyClients(version)
  afterAll(() => clients().close())

  /** A source that has heard from the server and knows the flags, its client, and what it warned of. */
  async function synchronised(flags: readonly string[], options: UnleashFlagsOptions = {}): Promise<Synchronised> {
    const client = clients().create()
    const warnings: UnleashWarning[] = []
    const source = unleashFlags(client, { onWarning: (warning) => warnings.push(warning), ...options })
    await vi.waitFor(
      () => expect(flags.every((flag) => client.getFeatureToggleDefinition(flag)?.enabled)).toBe(true),
      soon,
    )
    await source.start?.(flags)
    return { source, client, warnings }
  }
  const shareOf = (source: FlagSource, flag: string, contexts: readonly FlagContext[]): readonly number[] =>
    contexts.flatMap((context, index) => (source.isEnabled(flag, context) ? [index] : []))

  test('on and off arrive', async () => {
    const flag = await newFlag(everybody)
    const { source, warnings } = await synchronised([flag])
    expect(source.isEnabled(flag, {})).toBe(true)
    await server.disable(flag)
    await vi.waitFor(() => expect(source.isEnabled(flag, {})).toBe(false), soon)
    await server.enable(flag)
    await vi.waitFor(() => expect(source.isEnabled(flag, {})).toBe(true), soon)
    expect(source.ageMs?.()).toBeLessThan(5_000)
    expect(warnings).toEqual([])
  })

  test('a flag that Unleash does not know is old, and reported once', async () => {
    const { source, warnings } = await synchronised([])
    await source.start?.(['no-such-flag'])
    expect(source.isEnabled('no-such-flag', { userId: '1' })).toBe(false)
    expect(source.isEnabled('no-such-flag', { userId: '2' })).toBe(false)
    expect(warnings).toEqual([
      { code: 'flag-unknown', flag: 'no-such-flag', message: expect.stringContaining('"no-such-flag"') },
    ])
  })

  test.each([
    ['userId', 'userId', (n: number) => ({ userId: `user-${n}` })],
    ['userId by default', 'default', (n: number) => ({ userId: `user-${n}` })],
    ['sessionId by default', 'default', (n: number) => ({ sessionId: `session-${n}` })],
    ['tenantId, with users that differ', 'tenantId', (n: number) => ({ tenantId: n, userId: String(Math.random()) })],
  ])('a percentage is sticky by %s, also in another process, and grows', async (_by, stickiness, context) => {
    const flag = await newFlag(rollout(30, stickiness))
    const { source, warnings } = await synchronised([flag])
    const contexts = Array.from({ length: 2_000 }, (_value, n) => context(n))
    const first = shareOf(source, flag, contexts)
    expect(first.length / contexts.length).toBeGreaterThan(0.26)
    expect(first.length / contexts.length).toBeLessThan(0.34)
    expect(shareOf(source, flag, contexts)).toEqual(first)
    expect(shareOf((await synchronised([flag])).source, flag, contexts)).toEqual(first)

    await server.setStrategies(flag, [rollout(60, stickiness)])
    await vi.waitFor(() => expect(shareOf(source, flag, contexts).length).toBeGreaterThan(0.56 * contexts.length), soon)
    expect(shareOf(source, flag, contexts)).toEqual(expect.arrayContaining([...first]))
    expect(warnings).toEqual([])
  })

  test('a context without the field of a custom stickiness is old, always', async () => {
    const flag = await newFlag(rollout(99, 'tenantId'))
    const { source } = await synchronised([flag])
    expect(shareOf(source, flag, Array(200).fill({ userId: '1' }))).toEqual([])
  })

  test('constraints see the context', async () => {
    const only = (contextName: string, operator: string, values: readonly string[]): FlagStrategy =>
      rollout(100, 'default', { constraints: [{ contextName, operator, values }] })
    const dated: FlagStrategy = rollout(100, 'default', {
      constraints: [{ contextName: 'seats', operator: 'NUM_GT', value: '10' }],
    })
    const flag = await newFlag(
      only('userId', 'IN', ['7']),
      only('tenantId', 'IN', ['42']),
      only('beta', 'IN', ['true']),
      only('signedUp', 'STR_STARTS_WITH', ['2026-']),
      only('remoteAddress', 'IN', ['10.0.0.1']),
      dated,
    )
    const { source } = await synchronised([flag])
    const cases: readonly (readonly [FlagContext, boolean])[] = [
      [{}, false],
      [{ userId: '7' }, true],
      [{ userId: '8' }, false],
      [{ tenantId: 42 }, true],
      [{ tenantId: 43 }, false],
      [{ beta: true }, true],
      [{ beta: false }, false],
      [{ signedUp: new Date('2026-03-01') }, true],
      [{ signedUp: new Date('2025-03-01') }, false],
      [{ remoteAddress: '10.0.0.1' }, true],
      [{ seats: 11 }, true],
      [{ seats: 10 }, false],
    ]
    for (const [context, expected] of cases)
      expect([context, source.isEnabled(flag, context)]).toEqual([context, expected])
  })

  test('the client keeps its own environment and time', async () => {
    const flag = await newFlag(
      rollout(100, 'default', {
        constraints: [
          { contextName: 'appName', operator: 'IN', values: ['ec-test'] },
          { contextName: 'currentTime', operator: 'DATE_AFTER', value: '2020-01-01T00:00:00.000Z' },
        ],
      }),
    )
    const { source } = await synchronised([flag])
    expect(source.isEnabled(flag, { appName: 'another', currentTime: new Date(0) })).toBe(true)
  })

  test('withContext reaches the strategy, and pins the request', async () => {
    const flag = await newFlag(
      rollout(100, 'default', { constraints: [{ contextName: 'tenantId', operator: 'IN', values: ['42'] }] }),
    )
    const migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag })
    const runtime = await createRuntime({
      migrations: [migration],
      flags: (await synchronised([flag])).source,
      phases: readSwitch([migration]),
    })
    const read = (): string =>
      runtime.decide({ migration, physical: 'both', scope: runtime.scope(), transaction: undefined }).read
    expect(read()).toBe('old')
    expect(runtime.withContext({ tenantId: '42' }, read)).toBe('new')
    expect(runtime.withContext({ tenantId: '43' }, read)).toBe('old')
    await runtime.withContext({ tenantId: '42' }, async () => {
      expect(read()).toBe('new')
      await server.disable(flag)
      await vi.waitFor(() => expect(runtime.withContext({ tenantId: '42' }, read)).toBe('old'), soon)
      expect(read()).toBe('new')
    })
  })

  describe('decisions by chance', () => {
    const random: readonly (readonly [string, FlagStrategy])[] = [
      ['stickiness random', rollout(50, 'random')],
      ['gradualRolloutRandom', { name: 'gradualRolloutRandom', parameters: { percentage: '50' } }],
    ]

    test.each(random)('%s: the real client flaps, so starting is refused with the remedy', async (_kind, strategy) => {
      const flag = await newFlag(strategy)
      const { source, client, warnings } = await synchronised([flag], { randomStickiness: 'old' })
      const answers = Array.from({ length: 200 }, () => client.isEnabled(flag, { userId: '1' }))
      expect(new Set(answers)).toEqual(new Set([true, false]))

      expect(shareOf(source, flag, Array(200).fill({ userId: '1' }))).toEqual([])
      expect(warnings.map(({ code }) => code)).toEqual(['flag-random-stickiness'])
      expect(warnings[0]?.message).toContain('set the stickiness to userId')

      const refused = await createRuntime({
        migrations: [renameColumn({ table: 'users', from: 'name', to: 'full_name', flag })],
        flags: unleashFlags(client),
      }).catch((error: unknown) => error)
      expect(ExpandContractError.isInstance(refused)).toBe(true)
      expect(refused).toMatchObject({
        code: 'EC_UNLEASH_RANDOM_STICKINESS',
        message: expect.stringContaining(`"${flag}"`),
        hint: expect.stringContaining('set the stickiness to userId'),
      })
    })

    test('a flag that becomes random reads old at once, and its mending is seen', async () => {
      const flag = await newFlag(everybody)
      const { source, warnings } = await synchronised([flag])
      expect(source.isEnabled(flag, { userId: '1' })).toBe(true)
      await server.setStrategies(flag, [rollout(50, 'random')])
      await vi.waitFor(() => expect(warnings.map(({ code }) => code)).toEqual(['flag-random-stickiness']), soon)
      expect(shareOf(source, flag, Array(200).fill({ userId: '1' }))).toEqual([])
      await server.setStrategies(flag, [rollout(100, 'random')])
      await vi.waitFor(() => expect(source.isEnabled(flag, { userId: '1' })).toBe(true), soon)
    })

    test('through a parent', async () => {
      const parent = await newFlag(rollout(50, 'random'))
      const flag = `${parent}-child`
      await server.createFlag(flag)
      await server.setStrategies(flag, [everybody])
      await server.addParent(flag, parent)
      await server.enable(flag)
      const { source, warnings } = await synchronised([flag], { randomStickiness: 'old' })
      expect(shareOf(source, flag, Array(200).fill({ userId: '1' }))).toEqual([])
      expect(warnings[0]?.message).toContain(`through its parent "${parent}"`)
    })

    test('default stickiness without userId and sessionId is old, and reported once', async () => {
      const flag = await newFlag(rollout(99, 'default'))
      const { source, warnings } = await synchronised([flag])
      for (const context of [{}, { tenantId: '1' }, { userId: '' }])
        expect(shareOf(source, flag, Array(200).fill(context))).toEqual([])
      expect(
        shareOf(
          source,
          flag,
          Array.from({ length: 200 }, (_value, n) => ({ userId: String(n) })),
        ).length,
      ).toBeGreaterThan(180)
      expect(warnings).toEqual([
        { code: 'flag-needs-context', flag, message: expect.stringContaining('without userId and sessionId') },
      ])
    })
  })
})
