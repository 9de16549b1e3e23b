import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type UnleashFlagsOptions, type UnleashWarning, unleashFlags } from '@expand-contract/unleash'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { startUnleash, type UnleashServer } from '../support/unleash.ts'
import { CLIENT_VERSIONS, type TestClient, type TestClients, testClients } from './clients.ts'

let database: TestDatabase
let server: UnleashServer
beforeAll(async () => {
  database = await createDatabase(newestMajor())
  server = await startUnleash({ databaseUrl: database.url })
  for (const [name, on] of [
    ['on', true],
    ['off', false],
  ] as const) {
    await server.createFlag(name)
    await server.setStrategies(name, [{ name: 'default' }])
    if (on) await server.enable(name)
  }
})
afterAll(async () => {
  await server?.stop()
  await database?.drop()
})

const soon = { timeout: 20_000, interval: 50 }
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const event = (client: TestClient, name: string): Promise<void> => new Promise((resolve) => client.once(name, resolve))

describe.each(CLIENT_VERSIONS)('an outage of Unleash as the %s client sees it', (_, version) => {
  let clients: TestClients
  const sources: { stop?(): Promise<void> | void }[] = []
  const warnings: UnleashWarning[] = []
  beforeAll(async () => {
    clients = testClients(server, version)
    await server.start()
  })
  afterEach(async () => {
    for (const source of sources.splice(0)) await source.stop?.()
    warnings.length = 0
    clients.close()
    await server.start()
  })
  afterAll(() => clients.clean())
  const source = (client: TestClient, options: UnleashFlagsOptions = {}): ReturnType<typeof unleashFlags> => {
    const flags = unleashFlags(client, { onWarning: (warning) => warnings.push(warning), ...options })
    sources.push(flags)
    return flags
  }
  const codes = (): readonly string[] => warnings.map(({ code }) => code)

  test('start waits for the first answer', async () => {
    const flags = source(clients.create())
    expect(flags.isEnabled('on', {})).toBe(false)
    expect(flags.ageMs?.()).toBeUndefined()
    await flags.start?.(['on', 'off'])
    expect(flags.isEnabled('on', {})).toBe(true)
    expect(flags.isEnabled('off', {})).toBe(false)
    expect(flags.ageMs?.()).toBeLessThan(2_000)
    expect(codes()).toEqual([])
  })

  test('a client that synchronised before is known to have', async () => {
    const client = clients.create()
    await event(client, 'synchronized')
    const flags = source(client)
    expect(flags.isEnabled('on', {})).toBe(true)
    expect(flags.ageMs?.()).toBeLessThan(2_000)
  })

  test('with the server stopped the values known last are kept, and their age grows', async () => {
    const flags = source(clients.create(), { maxAgeMs: 1_000 })
    const guarded = source(clients.create(), { maxAgeMs: 1_000, whenStale: 'old' })
    await flags.start?.(['on'])
    await guarded.start?.(['on'])
    expect([flags.isEnabled('on', {}), guarded.isEnabled('on', {})]).toEqual([true, true])

    await server.stop()
    await expect.poll(() => flags.ageMs?.(), soon).toBeGreaterThan(1_000)
    await expect.poll(() => guarded.ageMs?.(), soon).toBeGreaterThan(1_000)
    const before = flags.ageMs?.() ?? 0
    await pause(50)
    expect(flags.ageMs?.()).toBeGreaterThanOrEqual(before + 45)
    for (let n = 0; n < 10; n++) {
      expect(flags.isEnabled('on', { userId: String(n) })).toBe(true)
      expect(guarded.isEnabled('on', { userId: String(n) })).toBe(false)
    }
    expect(codes()).toEqual(['flags-stale', 'flags-stale'])
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('known last stay in force'),
      expect.stringContaining('Reads are on the old column'),
    ])

    await server.start()
    await expect.poll(() => guarded.isEnabled('on', {}), soon).toBe(true)
    await expect.poll(() => flags.ageMs?.(), soon).toBeLessThan(1_000)
    expect(codes()).toEqual(['flags-stale', 'flags-stale'])
  })

  test('started before its server it is old, then it flips', async () => {
    await server.stop()
    const flags = source(clients.create(), { startTimeoutMs: 100 })
    await flags.start?.(['on', 'missing'])
    expect(codes()).toEqual(['flags-not-synchronised'])
    expect(flags.isEnabled('on', {})).toBe(false)
    expect(flags.ageMs?.()).toBeUndefined()
    await server.start()
    await expect.poll(() => flags.isEnabled('on', {}), soon).toBe(true)
    expect(warnings.map(({ code, flag }) => [code, flag])).toEqual([
      ['flags-not-synchronised', undefined],
      ['flag-unknown', 'missing'],
    ])
  })

  test('a stale backup file makes the client ready, and is not believed', async () => {
    const backupPath = clients.folder()
    await event(clients.create({ backupPath }), 'synchronized')
    const backup = (): string => {
      const [file] = readdirSync(backupPath)
      return file === undefined ? '' : join(backupPath, file)
    }
    await expect.poll(() => backup() !== '' && readFileSync(backup(), 'utf8').includes('"on"'), soon).toBe(true)
    clients.close()
    await server.stop()

    const folder = clients.folder()
    const stale = {
      version: 2,
      features: [{ name: 'off', enabled: true, strategies: [{ name: 'default', parameters: {} }] }],
    }
    writeFileSync(join(folder, 'unleash-backup-ec-test.json'), JSON.stringify(stale))
    const client = clients.create({ backupPath: folder })
    const flags = source(client, { startTimeoutMs: 100 })
    await event(client, 'ready')
    expect(client.isEnabled('off', {})).toBe(true)
    await flags.start?.(['off'])
    expect(flags.isEnabled('off', {})).toBe(false)
    expect(flags.ageMs?.()).toBeUndefined()

    await server.start()
    await expect.poll(() => flags.ageMs?.(), soon).toBeDefined()
    expect(client.isEnabled('off', {})).toBe(false)
    expect(flags.isEnabled('off', {})).toBe(false)
  })

  test('bootstrap data makes the client synchronised, and is not believed', async () => {
    await server.stop()
    const data = [{ name: 'off', enabled: true, strategies: [{ name: 'default', parameters: {}, constraints: [] }] }]
    const client = clients.create({ bootstrap: data })
    const flags = source(client, { startTimeoutMs: 100 })
    await event(client, 'synchronized')
    expect(client.isEnabled('off', {})).toBe(true)
    expect(flags.isEnabled('off', {})).toBe(false)
    expect(source(client).ageMs?.()).toBeUndefined()
    await server.start()
    await expect.poll(() => flags.ageMs?.(), soon).toBeDefined()
    expect(flags.isEnabled('off', {})).toBe(false)
    expect(flags.isEnabled('on', {})).toBe(true)
  })

  test('after stop nothing is listened to any more', async () => {
    const client = clients.create()
    const count = (): number => ['changed', 'unchanged'].reduce((sum, name) => sum + client.listenerCount(name), 0)
    const before = count()
    const flags = source(client)
    await flags.start?.(['on'])
    expect(count()).toBeGreaterThan(before)
    await flags.stop?.()
    expect(count()).toBe(before)
    expect(flags.isEnabled('on', {})).toBe(true)
  })
})
