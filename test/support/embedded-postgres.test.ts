import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { nativeFolder, reachableBinaries } from './embedded-binaries.ts'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { queryServer } from './query-server.ts'
import { removeFolder } from './scratch-folder.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) removeFolder(folder)
})

const setting = async (url: string, name: string): Promise<unknown> =>
  (await queryServer(url, 'select current_setting($1) as value', [name])).rows[0].value
const refuses = (url: string): Promise<boolean> =>
  queryServer(url, 'select 1').then(
    () => false,
    () => true,
  )

test('a server has the settings that were asked for, and leaves nothing behind', async () => {
  const server = await startEmbeddedPostgres({ major: 18, settings: { work_mem: '7MB' } })
  const data = String(await setting(server.url(), 'data_directory'))
  expect(await setting(server.url(), 'fsync')).toBe('off')
  expect(await setting(server.url(), 'work_mem')).toBe('7MB')
  expect(await setting(server.url(), 'server_encoding')).toBe('UTF8')
  await server.stop()
  expect(await refuses(server.url())).toBe(true)
  expect(existsSync(dirname(data))).toBe(false)
})

test('a durable server has fsync on, and its data on disk', async () => {
  const server = await startEmbeddedPostgres({ major: 18, durable: true })
  try {
    expect(await setting(server.url(), 'fsync')).toBe('on')
    expect(await setting(server.url(), 'synchronous_commit')).toBe('on')
    expect(await setting(server.url(), 'data_directory')).not.toMatch(/^\/dev\/shm/u)
  } finally {
    await server.stop()
  }
})

test('a server ends with the process that started it, also when that is killed', async () => {
  const module = join(import.meta.dirname, 'embedded-postgres.ts')
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)})
    const server = await startEmbeddedPostgres({ major: 18 })
    console.log(server.url())
    setInterval(() => {}, 1_000)`
  const stripping = process.features.typescript ? [] : ['--experimental-strip-types']
  const child = spawn(process.execPath, [...stripping, '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  const url = String(said).trim()
  const data = String(await setting(url, 'data_directory'))
  child.kill('SIGKILL')
  await expect.poll(() => refuses(url), { timeout: 60_000 }).toBe(true)
  await expect.poll(() => existsSync(dirname(data)), { timeout: 60_000 }).toBe(false)
})

test('binaries below a folder that is closed to others are copied to one that is not', () => {
  const home = mkdtempSync(join(tmpdir(), 'ec-home-'))
  const scratch = mkdtempSync(join(tmpdir(), 'ec-scratch-'))
  folders.push(home, scratch)
  const native = join(home, 'native')
  cpSync(nativeFolder(18), native, { recursive: true, verbatimSymlinks: true })
  chmodSync(home, 0o700)
  expect(reachableBinaries(native, scratch, false)).toBe(join(native, 'bin'))
  const bin = reachableBinaries(native, scratch, true)
  expect(bin).toBe(join(scratch, 'native', 'bin'))
  expect(execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' })).toContain('PostgreSQL) 18.')
})
