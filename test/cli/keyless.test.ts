import { lineSchema } from '@expand-contract/cli/json'
import pg from 'pg'
import { parse } from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { type CliProject, cliProject } from './run-cli.ts'

const ID = 'visits.page'
/** Lossy: blanks go. */
const DECLARATIONS = `
  import { changeColumnType } from '@expand-contract/core'
  export const page = changeColumnType({ id: '${ID}', table: 'visits', from: 'url', to: 'page', fromType: 'text', type: 'text', forward: 'btrim(url)', backward: 'page' })`
const SCHEMA = `create table visits (who text, url text, at timestamptz default '2024-05-05Z') partition by list (who);
  create table visits_1 partition of visits default;
  insert into visits select 'u' || n % 4, case n % 3 when 2 then '/b' else '/a' end from generate_series(1, 600) n;`

/** Somebody who knows the old column alone writes what the new one does not tell. */
const WRITTEN_PAST = `update visits set url = ' /b' where url = '/b';
  update visits set url = ' /a ' where ctid in (select ctid from visits_1 where url = '/a' limit 200)`

// What a server does with them is tested on every major in test/runner; this is about the commands.
describe('a table without a key, by the commands', () => {
  let database: TestDatabase
  let client: pg.Client
  let project: CliProject
  beforeAll(async () => {
    database = await createDatabase(newestMajor(), { sql: SCHEMA })
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    project = await cliProject(database.url, DECLARATIONS, { soak: '0ms', hold: '0ms' })
  })
  afterAll(async () => {
    await project?.[Symbol.asyncDispose]()
    await client?.end()
    await database?.drop()
  })

  const cli = async (line: string, code = 0) => {
    const answer = await project.run(line.replaceAll('@', `@${database.name}`).split(' '))
    expect([line, answer.code, code === answer.code ? '' : answer.stdout + answer.stderr]).toEqual([line, code, ''])
    // As it reads, however wide.
    return { ...answer, said: `${answer.stdout}${answer.stderr}`.replaceAll(/\s+/gu, ' ') }
  }

  test('each step says what a backup can and cannot bring back, and what came back', async () => {
    await cli('init --yes')
    expect((await cli(`doctor ${ID}`)).said).toMatch(/D56 .* Without one it tells them by all that they hold/u)
    // The table of the plan is cut at its columns.
    expect((await cli(`plan ${ID}`)).stdout).toMatch(/needs a restored backup \(without/u)
    for (const line of ['expand @ --yes', 'backfill @', 'verify @', 'switch @ --yes', 'verify @'])
      await cli(line.replace('@', ID))
    await cli(`contract ${ID} --override soak --reason test --yes`)
    await client.query(WRITTEN_PAST)
    await cli(`hold ${ID} --yes`)
    expect((await cli(`backup ${ID} --dry-run`)).said).toContain('by all that they hold, since they have no key')
    const own = `--command true --restore-command true`
    for (const line of [`backup ${ID} ${own} --dry-run`, `backup ${ID} ${own} --yes`])
      expect((await cli(line, 3)).said).toMatch(/EC_BACKUP_KEY: .* it needs no key/u)
    const limit = '400 of 600 rows had several: a changed one of them gets what the mapping makes'
    expect((await cli(`backup ${ID} --out visits.zst`)).said).toContain(limit)
    expect((await cli(`backup ${ID} --check visits.zst`)).said).toContain('600 rows the same: equal')
    const [dropping] = (await cli(`drop ${ID} --dry-run --json`)).json().slice(-1)
    expect(Object(dropping).gates).toContainEqual(
      expect.objectContaining({
        ...{ id: 'backup', ok: true },
        detail: expect.stringContaining('the table has no key: 400 of them are told by all that they hold alone'),
      }),
    )
    expect((await cli(`drop ${ID} --confirm visits.url@`)).said).toContain(limit)

    await client.query(`update visits set at = now() where ctid in (select ctid from visits where page = '/b' limit 3);
      update visits set at = now() where ctid in (select ctid from visits where page = '/a' limit 5); insert into visits values ('u9', now(), '/b')`)
    const dry = await cli(`restore ${ID} --dry-run`)
    expect(dry.said).toMatch(/exact \d+ of 601 rows, by all that they hold/u)
    expect(dry.said).toContain('rows, of which nothing tells what they had: several old values come into question')
    const json = (await cli(`restore ${ID} --dry-run --json`)).json().map((each) => parse(lineSchema, each))
    const told = Object(json.at(-1)).result.forecast
    expect(told).toMatchObject({ rows: 601, alike: 0, mapped: 0 })
    expect(told.exact + told.ambiguous).toBe(601)
    // Three were changed and one is new, so that nothing tells which; and five, and those that were like them, of which there are several.
    expect(told.ambiguous).toBeGreaterThanOrEqual(9)
    expect(told.exact).toBeGreaterThan(550)
    const restored = await cli(`restore ${ID} --confirm visits.url@ --json`)
    const result = Object(restored.json().at(-1)).result
    expect(result).toMatchObject({ rows: 601, exact: told.exact, ambiguous: told.ambiguous, rowsLost: 0, failed: 0 })
    const { rows } = await client.query('select from visits where page is distinct from btrim(url)')
    expect(rows).toEqual([])
    await cli(`rollback ${ID} --yes`)
  })
})
