import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FlagSource } from '@expand-contract/core'
import {
  type UnleashFeature,
  type UnleashFlagsOptions,
  type UnleashWarning,
  unleashFlags,
} from '@expand-contract/unleash'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { startUnleash, type UnleashServer } from '../support/unleash.ts'
import { CLIENT_VERSIONS, type ClientVersion, type TestClient, type TestClients, testClients } from './clients.ts'

let database: TestDatabase
let server: UnleashServer
const clients = new Map<ClientVersion, TestClients>()
beforeAll(async () => {
  database = await createDatabase(newestMajor())
  server = await startUnleash({ databaseUrl: database.url })
  for (const [, version] of CLIENT_VERSIONS) clients.set(version, testClients(server, version))
  for (const name of ['on', 'off']) {
    await server.createFlag(name)
    await server.setStrategies(name, [{ name: 'default' }])
  }
  await server.enable('on')
})
afterAll(async () => {
  for (const some of clients.values()) some.close()
  await server?.stop()
  await database?.drop()
  for (const some of clients.values()) some.clean()
})

function of(version: ClientVersion): TestClients {
  const some = clients.get(version)
  if (some === undefined) throw new Error('The clients of a version are made before the tests.')
  return some
}

interface Watched {
  readonly client: TestClient
  readonly flags: FlagSource
  readonly warnings: UnleashWarning[]
  codes(): readonly string[]
}
function watched(client: TestClient, options: UnleashFlagsOptions = {}): Watched {
  const warnings: UnleashWarning[] = []
  const flags = unleashFlags(client, { onWarning: (warning) => warnings.push(warning), ...options })
  return { client, flags, warnings, codes: () => warnings.map(({ code }) => code) }
}

const soon = { timeout: 60_000, interval: 50 }
const event = (client: TestClient, name: string): Promise<void> => new Promise((resolve) => client.once(name, resolve))
const enabledForAll = (name: string): UnleashFeature => ({
  name,
  enabled: true,
  strategies: [{ name: 'default', parameters: {} }],
})

describe.each(CLIENT_VERSIONS)('while the server answers the %s client', (_, version) => {
  test('start waits for the first answer', async () => {
    const { flags, codes } = watched(of(version).create())
    expect(flags.isEnabled('on', {})).toBe(false)
    expect(flags.ageMs?.()).toBeUndefined()
    await flags.start?.(['on', 'off'])
    expect(flags.isEnabled('on', {})).toBe(true)
    expect(flags.isEnabled('off', {})).toBe(false)
    expect(flags.ageMs?.()).toBeLessThan(10_000)
    expect(codes()).toEqual([])
  })

  test('a client that synchronised before is known to have', async () => {
    const client = of(version).create()
    await event(client, 'synchronized')
    const { flags } = watched(client)
    expect(flags.isEnabled('on', {})).toBe(true)
    expect(flags.ageMs?.()).toBeLessThan(10_000)
  })

  test('a client that synchronised from bootstrap data alone is known to have not', async () => {
    const client = of(version).create({ bootstrap: [enabledForAll('off')] })
    await event(client, 'synchronized')
    expect(client.isEnabled('off', {})).toBe(true)
    expect(watched(client).flags.ageMs?.()).toBeUndefined()
  })

  test('after stop nothing is listened to any more', async () => {
    const client = of(version).create()
    const count = (): number => client.listenerCount('changed') + client.listenerCount('unchanged')
    const before = count()
    const { flags } = watched(client)
    await flags.start?.(['on'])
    expect(count()).toBeGreaterThan(before)
    await flags.stop?.()
    expect(count()).toBe(before)
    expect(flags.isEnabled('on', {})).toBe(true)
  })
})

describe('when the server stops', () => {
  const sources = new Map<ClientVersion, { readonly kept: Watched; readonly guarded: Watched }>()
  beforeAll(async () => {
    for (const [, version] of CLIENT_VERSIONS) {
      const kept = watched(of(version).create(), { maxAgeMs: 1_000 })
      const guarded = watched(of(version).create(), { maxAgeMs: 1_000, whenStale: 'old' })
      for (const { flags } of [kept, guarded]) await flags.start?.(['on'])
      expect([kept.flags.isEnabled('on', {}), guarded.flags.isEnabled('on', {})]).toEqual([true, true])
      sources.set(version, { kept, guarded })
    }
    await server.stop()
  })
  const sourcesOf = (version: ClientVersion): { readonly kept: Watched; readonly guarded: Watched } => {
    const found = sources.get(version)
    if (found === undefined) throw new Error('The sources of a version are made before the server stops.')
    return found
  }

  test.each(CLIENT_VERSIONS)('the age grows, and the %s client keeps what it knows', async (_, version) => {
    const { kept, guarded } = sourcesOf(version)
    await expect.poll(() => kept.flags.ageMs?.(), soon).toBeGreaterThan(1_000)
    await expect.poll(() => guarded.flags.ageMs?.(), soon).toBeGreaterThan(1_000)
    const before = kept.flags.ageMs?.() ?? 0
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(kept.flags.ageMs?.()).toBeGreaterThanOrEqual(before + 45)
    for (let n = 0; n < 10; n++) {
      expect(kept.flags.isEnabled('on', { userId: String(n) })).toBe(true)
      expect(kept.flags.isEnabled('off', { userId: String(n) })).toBe(false)
    }
    expect(kept.warnings).toEqual([
      { code: 'flags-stale', message: expect.stringContaining('known last stay in force') },
    ])
  })

  test.each(CLIENT_VERSIONS)("with whenStale: 'old' the %s client's flags go back to the old column", (_, version) => {
    const { guarded } = sourcesOf(version)
    for (let n = 0; n < 10; n++) expect(guarded.flags.isEnabled('on', { userId: String(n) })).toBe(false)
    expect(guarded.warnings).toEqual([
      { code: 'flags-stale', message: expect.stringContaining('Reads are on the old column') },
    ])
  })

  describe('and comes back', () => {
    beforeAll(() => server.start())

    test.each(CLIENT_VERSIONS)('everything is as before for the %s client', async (_, version) => {
      const { kept, guarded } = sourcesOf(version)
      await expect.poll(() => guarded.flags.isEnabled('on', {}), soon).toBe(true)
      await expect.poll(() => kept.flags.ageMs?.(), soon).toBeLessThan(1_000)
      expect([kept.codes(), guarded.codes()]).toEqual([['flags-stale'], ['flags-stale']])
    })
  })
})

describe('when the server starts after its clients', () => {
  interface Early {
    readonly late: Watched
    readonly stale: Watched
    readonly bootstrapped: Watched
  }
  const early = new Map<ClientVersion, Early>()
  const earlyOf = (version: ClientVersion): Early => {
    const found = early.get(version)
    if (found === undefined) throw new Error('The sources of a version are made before the server starts.')
    return found
  }

  beforeAll(async () => {
    await server.stop()
    for (const [, version] of CLIENT_VERSIONS) {
      const backupPath = of(version).folder()
      const data = { version: 2, features: [enabledForAll('off')] }
      writeFileSync(join(backupPath, 'unleash-backup-ec-test.json'), JSON.stringify(data))
      const options = { startTimeoutMs: 100 }
      const stale = of(version).create({ backupPath })
      const bootstrapped = of(version).create({ bootstrap: [enabledForAll('off')] })
      const told = [event(stale, 'ready'), event(bootstrapped, 'synchronized')]
      early.set(version, {
        late: watched(of(version).create(), options),
        stale: watched(stale, options),
        bootstrapped: watched(bootstrapped, options),
      })
      await Promise.all(told)
    }
  })

  test.each(CLIENT_VERSIONS)('the %s client is old until then', async (_, version) => {
    const { flags, codes } = earlyOf(version).late
    await flags.start?.(['on', 'missing'])
    expect(flags.isEnabled('on', {})).toBe(false)
    expect(flags.ageMs?.()).toBeUndefined()
    expect(codes()).toEqual(['flags-not-synchronised'])
  })

  test.each([
    ...CLIENT_VERSIONS.map(([name, version]) => ['stale backup file', name, version, 'stale'] as const),
    ...CLIENT_VERSIONS.map(([name, version]) => ['bootstrap data', name, version, 'bootstrapped'] as const),
  ])('a %s is taken by the %s client, and not believed', async (_data, _name, version, which) => {
    const { client, flags, codes } = earlyOf(version)[which]
    expect(client.isEnabled('off', {})).toBe(true)
    await flags.start?.(['off'])
    expect(flags.isEnabled('off', {})).toBe(false)
    expect(flags.ageMs?.()).toBeUndefined()
    expect(codes()).toEqual(['flags-not-synchronised'])
  })

  describe('and has started', () => {
    beforeAll(() => server.start())

    test.each(CLIENT_VERSIONS)('the %s client has what the server says', async (_, version) => {
      const { late, stale, bootstrapped } = earlyOf(version)
      for (const { flags } of [late, stale, bootstrapped]) {
        await expect.poll(() => flags.isEnabled('on', {}), soon).toBe(true)
        expect(flags.isEnabled('off', {})).toBe(false)
        expect(flags.ageMs?.()).toBeLessThan(10_000)
      }
      expect(late.warnings.map(({ code, flag }) => [code, flag])).toEqual([
        ['flags-not-synchronised', undefined],
        ['flag-unknown', 'missing'],
      ])
    })
  })
})

test.each(CLIENT_VERSIONS)('the backup file of the tests is where the %s client has it', async (_, version) => {
  const backupPath = of(version).folder()
  await event(of(version).create({ backupPath }), 'synchronized')
  const file = join(backupPath, 'unleash-backup-ec-test.json')
  await expect.poll(() => readdirSync(backupPath).length > 0 && readFileSync(file, 'utf8'), soon).toContain('"on"')
})
