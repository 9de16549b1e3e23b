import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

const PAGE = join(import.meta.dirname, '../../docs/operations/backup.md')
const ID = 'App x.U s.full_name'
const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const all = [renameColumn({ table: '"App x"."U s"', from: 'name', to: 'full_name' })]
`
/** A schema, a type, a function and a sequence, without which the table cannot be restored. */
const SCHEMA = `
  create schema "App x"; create type "App x".mood as enum ('glad'); create function "App x".nobody() returns text language sql as 'select ''x''::text';
  create table "App x"."U s" (id serial primary key, name text default "App x".nobody(), mood "App x".mood, twice int generated always as (id * 2) stored);
  insert into "App x"."U s" (name, mood) select E'n\\t\\\\ ä\\n' || g, 'glad' from generate_series(1, 50) g; insert into "App x"."U s" (name) values (null), ('');`

/** The newest major that the programs of this machine can dump; 0 without them. */
function dumped(): number {
  const { error, stdout } = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' })
  return error === undefined ? Number(/(\d+)\./u.exec(stdout)?.[1] ?? 0) : 0
}
const majors = postgresMajors().filter((major) => major <= dumped())
if (majors.length === 0)
  console.log(
    'pg_dump is not installed, or older than each server, so the command of docs/operations/backup.md was not run.',
  )

test.skipIf(majors.length === 0)('the command of the page, by pg_dump, makes a backup that counts', async () => {
  const [major = 14] = majors
  const database = await createDatabase(major, { sql: SCHEMA })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await using project = await cliProject(database.url, DECLARATIONS)
  const env = { PATH: process.env.PATH ?? '' }
  const cli = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await project.run(args, { env })
    expect([args[0], code, code === 0 ? '' : stderr]).toEqual([args[0], 0, ''])
    return stdout
  }
  const page = (await readFile(PAGE, 'utf8')).replaceAll('/backups/', `${project.folder}/`)
  const [, command = '', restoreCommand = ''] =
    /--command '([^']*)' \\\n\s*--restore-command '([^']*)'/u.exec(page) ?? []
  try {
    await cli('init', '--yes')
    for (const stage of ['expand', 'backfill', 'verify', 'switch']) await cli(stage, ID, '--yes')
    const answer = await cli(
      'backup',
      ID,
      '--yes',
      '--timeout',
      '2m',
      '--command',
      command,
      '--restore-command',
      restoreCommand,
    )
    expect(answer).toMatch(/52 rows/u)
    const { rows } = await client.query('select equal from expand_contract.backups')
    expect(rows).toEqual([{ equal: true }])
    const left = await client.query('select datname from pg_database where starts_with(datname, $1)', [
      `ec_scratch_${process.pid}_`,
    ])
    expect(left.rows).toEqual([])
  } finally {
    await client.end()
    await database.drop()
  }
})
