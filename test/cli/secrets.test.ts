import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { type CliProject, cliProject } from './run-cli.ts'

const SECRET = 'hunter2-s3cret'
const DECLARATIONS =
  "import { renameColumn } from '@expand-contract/core'\nexport const all = [renameColumn({ table: 'users', from: 'name', to: 'nick', type: 'text' })]"

describe('no password is printed', () => {
  let database: TestDatabase
  let project: CliProject

  beforeAll(async () => {
    database = await createDatabase(newestMajor())
    project = await cliProject(database.url, DECLARATIONS)
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await database?.drop()
  })

  const all = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> => {
    const { code, stdout, stderr } = await project.run(args, { env })
    expect([1, 2]).toContain(code)
    return stdout + stderr
  }

  test.each([
    ['a refused connection', `postgres://nobody:${SECRET}@127.0.0.1:1/x`],
    ['a malformed host', `postgres://nobody:${SECRET}@[::bad/x`],
    ['a malformed port', `postgres://nobody:${SECRET}@127.0.0.1:port/x`],
    ['no scheme', `postgres//nobody:${SECRET}@127.0.0.1/x`],
    ['a slash in it', `postgres://nobody:/${SECRET}/@127.0.0.1:1/x`],
    ['a blank in it', `postgres://nobody:a ${SECRET}@127.0.0.1:1/x`],
    ['an @ in it', `postgres://nobody:@${SECRET}@@127.0.0.1:1/x`],
    ['an encoded one', `postgres://nobody:%40${SECRET}%zz@127.0.0.1:1/x`],
    ['words instead of a URL', `host=127.0.0.1 port=1 user=nobody password=${SECRET}`],
  ])('of %s', async (_, url) => {
    for (const args of [['status'], ['status', '--json'], ['status', '--verbose'], ['status', '--url', url]])
      expect(await all(args, { DATABASE_URL: url })).not.toContain(SECRET)
  })

  test('of the environment', async () => {
    const env = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x', PGPASSWORD: SECRET }
    expect(await all(['status'], env)).not.toContain(SECRET)
  })

  test.each([
    `export default { url: () => { throw new Error('no token for postgres://u:${SECRET}@h/x') } }`,
    `export default { url: () => { throw new Error('no token', { cause: new Error('password=${SECRET}') }) } }`,
    `export default { url: async () => { throw { password: '${SECRET}' } } }`,
    `export default { url: { host: '127.0.0.1', port: 1, password: '${SECRET}' }, migrations: './migrations.js' }`,
    `export default { url: { host: '127.0.0.1', port: 1, password: async () => '${SECRET}' }, migrations: './migrations.js' }`,
    `export default { url: 'postgres://u:${SECRET}@h/x' migrations: 1 }`,
    `export default { url: 'postgres://u:${SECRET}@h/x', migrations: 1 }`,
    `export default { password: '${SECRET}', 'url': 7 }`,
    `throw new Error('postgres://u:${SECRET}@h/x')`,
    `throw new Error('boom', { cause: new Error('postgres://u:${SECRET}@h/x') })`,
  ])('of a configuration: %s', async (text) => {
    for (const name of ['secret.config.js', 'secret.config.ts']) {
      await writeFile(join(project.folder, name), text)
      for (const args of [['log'], ['log', '--json']])
        expect(await all([...args, '--config', name], {})).not.toContain(SECRET)
    }
  })
})
