import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'
import { startUnleash, type UnleashServer } from '../support/unleash.ts'

const FLAG = 'users-read-full-name'
const example = join(import.meta.dirname, '../../examples/nest-users')

let database: TestDatabase
let flags: TestDatabase
let unleash: UnleashServer

beforeAll(async () => {
  // Rows that tell which column is read.
  const sql = `create table users (id serial primary key, token text not null unique, name varchar not null, full_name text);
    insert into users (token, name, full_name) values ('a', 'old', 'new'), ('b', 'old', 'new')`
  database = await createDatabase(newestMajor(), { sql })
  flags = await createDatabase(newestMajor())
  unleash = await startUnleash({ databaseUrl: flags.url })
  await unleash.createFlag(FLAG)
  const constraints = [{ contextName: 'userId', operator: 'IN', values: ['2'] }]
  await unleash.setStrategies(FLAG, [{ name: 'default', constraints }])
  await unleash.enable(FLAG)
})

afterAll(async () => {
  await unleash?.stop()
  await database?.drop()
  await flags?.drop()
})

test('what the README of the package shows of it is in it', () => {
  const words = (text: string): string => text.replaceAll(/\s+/gu, ' ').trim()
  const readme = readFileSync(join(import.meta.dirname, '../../packages/typeorm/README.md'), 'utf8')
  const section = readme.slice(readme.indexOf('**NestJS**'), readme.indexOf('## `migration:generate`'))
  const shown = [...section.matchAll(/```typescript\n(?<code>.*?)```/gsu)].map(({ groups }) =>
    words(groups?.code ?? ''),
  )
  expect(shown).toHaveLength(3)
  const files = ['app.module', 'flags.module', 'request-context.interceptor']
  const sources = files.map((file) => words(readFileSync(join(example, `src/${file}.ts`), 'utf8')))
  for (const code of shown) expect(sources.filter((source) => source.includes(code))).toHaveLength(1)
})

const environment = () => ({
  DATABASE_URL: database.url,
  UNLEASH_URL: unleash.url,
  UNLEASH_TOKEN: unleash.clientToken,
  READ_SWITCH: 'open',
})

test('a user whom a guard has found reads what the flag says, and the application ends when it is told to', async () => {
  const { scripts } = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8')) as {
    scripts: { start: string }
  }
  const [, ...words] = scripts.start.split(' ')
  const child = spawn(process.execPath, words, {
    cwd: example,
    env: { ...process.env, ...environment(), PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const opened = await Promise.race([once(child.stdout, 'data').then(String), ended])
  const address = /http:\S+/u.exec(String(opened))?.[0]
  const get = async (path: string, token: string) => {
    const response = await fetch(`${address}${path}`, { headers: { authorization: `Bearer ${token}` } })
    return response.ok ? response.text() : response.status
  }
  try {
    expect(await get('/users/me', 'c')).toBe(403)
    expect(await get('/users/me', 'a')).toBe('old')
    await expect.poll(() => get('/users/me', 'b'), { timeout: 60_000 }).toBe('new')
    // Many at a time, of two users.
    const read = await Promise.all(
      Array.from({ length: 40 }, (_, n) => Promise.all([get('/users', 'ab'[n % 2] ?? ''), 'ab'[n % 2]])),
    )
    expect(new Set(read.map(String))).toEqual(new Set(['["old","old"],a', '["new","new"],b']))

    const body = JSON.stringify({ name: 'Cy', token: 'c' })
    await fetch(`${address}/users`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    expect(await get('/users/me', 'c')).toBe('Cy')
    const { rows } = await queryServer(database.url, "select name, full_name from users where token = 'c'")
    expect(rows).toEqual([{ name: 'Cy', full_name: 'Cy' }])
  } finally {
    child.kill('SIGTERM')
  }
  expect(await ended).toEqual([null, 'SIGTERM'])
})

test('its client of Unleash is destroyed with it', async () => {
  for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value)
  const { createApplication } = await import('../../examples/nest-users/src/create-application.ts')
  const { unleash: client } = await import('../../examples/nest-users/src/flags.module.ts')
  const destroy = vi.spyOn(client, 'destroy')
  const app = await createApplication()
  await app.init()
  expect(destroy).not.toHaveBeenCalled()
  await app.close()
  expect(destroy).toHaveBeenCalledOnce()
})
