import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { cliProject } from '../cli/run-cli.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'

const FOLDER = join(import.meta.dirname, '../../docs/operations')

/** In the order in which a migration needs them; a page that is not here fails the test. */
const PAGES = [
  'init',
  'doctor',
  'expand',
  'backfill',
  'verify',
  'repair',
  'switch',
  'wait',
  'status',
  'measure',
  'runbook',
  'contract',
  'hold',
  'rollback',
  'backup',
  'drop',
  'restore',
]

/** It compares commits, so test/check runs its page in a repository of its own. */
const ELSEWHERE = ['check']

/** A rollback has led to the beginning; the backup, the drop and the restore are at the end of another life. */
const LAST = ['backup', 'drop', 'restore']
const UNTIL_DROP = ['expand', 'backfill', 'verify', 'switch', 'contract', 'hold', ...LAST]

/** The words of a command line, with quotes taken off. */
const wordsOf = (line: string): readonly string[] =>
  (line.match(/"[^"]*"|\S+/gu) ?? []).map((word) => word.replaceAll('"', ''))

const commandsOf = (page: string): readonly string[] =>
  [...readFileSync(join(FOLDER, `${page}.md`), 'utf8').matchAll(/```sh\n([^`]*)```/gu)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line.startsWith('npx expand-contract ')),
  )

test('every page of an operation is run', () => {
  expect(
    readdirSync(FOLDER)
      .map((file) => file.replace(/\.md$/u, ''))
      .sort(),
  ).toEqual([...PAGES, ...ELSEWHERE].toSorted())
})

test('the commands of the pages do what they say, one after another', async () => {
  const database = await createDatabase(newestMajor(), {
    sql: "create table users (id int primary key, name text not null); insert into users select n, 'user ' || n from generate_series(1, 2000) n;",
  })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const declarations = `import { renameColumn } from '@expand-contract/core'
    export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })`
  {
    await using project = await cliProject(database.url, declarations, { hold: '0ms' })
    for (const page of [...PAGES.filter((each) => !LAST.includes(each)), ...UNTIL_DROP])
      for (const command of commandsOf(page)) {
        const line = command.replace('npx expand-contract ', '').replace('@shop', `@${database.name}`)
        // What a page asks a person to do in between; a repair of nothing leaves the epoch as it is.
        if (line.startsWith('switch')) await client.query('analyze users')
        const { code, stderr } = await project.run(wordsOf(line))
        expect([page, command, code, code === 0 ? '' : stderr]).toEqual([page, command, 0, ''])
      }
    expect((await client.query('select from users where name is distinct from full_name')).rows).toEqual([])
    const { rows } = await client.query(
      "select attname from pg_attribute where attrelid = 'users'::regclass and attnum > 0 and not attisdropped",
    )
    expect(rows.map(({ attname }) => attname)).toEqual(['id', 'full_name', 'name'])
  }
  await client.end()
  await database.drop()
})
