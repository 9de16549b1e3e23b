import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { readFrontMatter } from '../../packages/cli/src/runbook/front-matter.ts'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

const SCHEMA = `
  create table users (id int primary key, name text not null, email text);
  insert into users select n, 'user ' || n, 'u' || n from generate_series(1, 500) n;`

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })
`
const id = 'users.full_name'

/** A process that has reported just now, with what it reads. */
const REPORT = `insert into expand_contract.instances (id, application, library_version, role, host, lease_ms, every_ms, acknowledged, declarations, reads, started_at)
  select 'host-7-ab12', 'web', '1', 'web', 'host-7', 100, 3600000, jsonb_build_object(id, epoch), jsonb_build_object(id, declaration_hash),
    jsonb_build_object(id, '{"old": 0, "new": 9, "oldRate": 0, "newRate": 1}'::jsonb), now() - interval '30 days' from expand_contract.migrations
  on conflict (id) do update set acknowledged = excluded.acknowledged, reads = excluded.reads, heartbeat_at = clock_timestamp()`

describe.each(postgresMajors())('PostgreSQL %i: the runbook', (major) => {
  test('is written after each stage from the timeline, stale between, and keeps what people wrote', async () => {
    const database = await createDatabase(major, { sql: SCHEMA })
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await using project = await cliProject(database.url, DECLARATIONS)
    const words = (line: string): string[] =>
      (line.match(/"[^"]*"|\S+/gu) ?? []).map((word) => word.replaceAll('"', ''))
    const cli = (line: string) => project.run(words(line))
    async function done(line: string) {
      const answer = await cli(line)
      expect([line, answer.code, answer.code === 0 ? '' : answer.stderr + answer.stdout]).toEqual([line, 0, ''])
      return answer
    }
    const path = join(project.folder, 'docs/migrations', `${id}.md`)
    const text = () => readFile(path, 'utf8')
    /** Stale, then written, then not stale, and the second time the same. */
    async function write(phase: string): Promise<string> {
      const stale = await cli(`runbook ${id} --check --json`)
      expect(stale).toMatchObject({ code: 4 })
      expect(stale.json().at(-1)).toMatchObject({ ok: false, result: { stale: true } })
      await done(`runbook ${id} --write`)
      const first = await text()
      expect((await done(`runbook ${id} --write`)).stdout).toContain('nothing is new')
      expect(await text()).toBe(first)
      expect((await done(`runbook ${id}`)).stdout.trimEnd()).toBe(first.trimEnd())
      await done(`runbook ${id} --check`)
      const { rows } = await client.query('select epoch::int, declaration_hash as hash from expand_contract.migrations')
      expect(readFrontMatter(first)).toMatchObject({
        ...{
          id,
          phase,
          epoch: rows[0].epoch,
          declaration: rows[0].hash,
          table: 'users',
          old: ['name'],
          new: ['full_name'],
        },
      })
      for (const secret of ['ops-2', 'host-7', 'user 7', 'By hand']) expect(first).not.toContain(secret)
      return first
    }

    await done('init --yes')
    expect(await cli(`runbook ${id}`)).toMatchObject({ code: 3, stderr: expect.stringContaining(`expand ${id}`) })
    expect(await cli('runbook users.nothing')).toMatchObject({ code: 2 })
    await done(`expand ${id} --yes`)
    expect(await write('expand')).toMatch(
      /\| expand \| \d{4}-\d\d-\d\d \d\d:\d\d \| .* \| dana \| lock .*, \d+ tr(?:y|ies) \|/u,
    )
    await writeFile(
      path,
      `${(await text()).replace(/<!-- Why.*-->/u, 'Sales writes letters.  \n\n| a | table |')}\nNo \`--\` line end`,
    )
    await done(`runbook ${id} --check`)
    await done(`backfill ${id}`)
    expect(await write('expand')).toMatch(/\| backfill \| .* \| dana \| 500 rows, [\d,]+ rows\/s \|/u)

    await client.query(
      `set application_name = 'psql'; update users set name = 'By hand' where id = 1; reset application_name`,
    )
    const { rows: triggers } = await client.query(
      `select tgname from pg_trigger where tgrelid = 'users'::regclass and tgname like '~%'`,
    )
    const trigger = triggers[0].tgname
    await client.query(
      `alter table users disable trigger "${trigger}"; update users set name = 'By hand 2' where id = 2; alter table users enable always trigger "${trigger}"`,
    )
    expect(await cli(`verify ${id}`)).toMatchObject({ code: 4 })
    await done(`repair ${id} --yes`)
    await done(`verify ${id}`)
    const verified = await write('expand')
    expect(verified).toContain('0 of 500 differ')
    expect(verified).toMatch(/- .* 1 of 500 rows differed \(`differs` 1\)\n/u)
    expect(verified).toMatch(/- .* repaired 1 rows, by dana\n/u)
    expect(verified).toMatch(
      /- .* `psql` as `\w+` wrote past the application \(UPDATE of the old column, seen 1 time\)\n/u,
    )

    await client.query('analyze users')
    await done(`switch ${id} --yes`)
    expect(await write('switch')).toMatch(/\| switch \| .* \| running \| dana \|/u)
    await done(`rollback ${id} --yes`)
    const back = await write('expand')
    expect(back).toMatch(/\| switch \| .*, then back \| dana \|.*\| rollback .*, 0 rows lost \|/u)
    expect(back).toMatch(/- .* rolled back from switch to expand in .*, 0 rows lost, by dana\n/u)
    await done(`verify ${id}`)
    await client.query('analyze users')
    await done(`switch ${id} --yes`)

    // A soak that runs has an end, which `check` reads; a look at it does not move it.
    await client.query(REPORT)
    await client.query(`update expand_contract.migrations set changed_at = now() - interval '20 days'`)
    const { rows: samples } = await client.query(
      `select oid::regclass::text as name from pg_class where relnamespace = 'expand_contract'::regnamespace and relname like 'bypass_sample_%' and relkind = 'r'`,
    )
    await client.query(`update ${samples[0].name} set seen_at = seen_at - interval '30 days'`)
    await done(`wait ${id} --for soaked --timeout 1ms`)
    const soaking = readFrontMatter(await write('switch'))
    expect(soaking?.soaked?.getTime()).toBe((soaking?.since.getTime() ?? 0) + 7 * 86_400_000)
    await done(`verify ${id}`)
    await done(`contract ${id} --override dependents --reason "reports | are old" --yes`)
    await client.query(REPORT)
    await done(`hold ${id} --yes`)
    await done(`unhold ${id} --yes`)
    await client.query(REPORT)
    await done(`hold ${id} --yes`)
    expect(readFrontMatter(await write('hold'))?.droppable).toBeUndefined()
    await client.query(REPORT)
    await done(`backup ${id}`)
    await client.query(
      `update expand_contract.events set at = at - interval '3 days' where kind = 'phase' and figures ->> 'to' = 'hold'`,
    )
    const held = await write('hold')
    expect(readFrontMatter(held)?.droppable).toBeInstanceOf(Date)
    expect(held).toMatch(/\| hold \| .* \| running \| dana \| lock .* \| unhold .*, 0 rows lost \|/u)
    expect(held).toMatch(/\| backup \| .* \| 500 rows, [\d.]+ KB, restored and compared: equal \|/u)
    await done(`drop ${id} --confirm users.name@${database.name}`)
    const dropped = await write('dropped')
    expect(dropped).toMatch(/\| drop \| .* \| dana \| lock/u)
    // The table that knew it is gone with the trigger.
    expect(dropped).toContain('`psql` as')
    expect(dropped).toContain('Sales writes letters.  \n\n| a | table |')
    expect(dropped.endsWith('\nNo `--` line end')).toBe(true)

    // Machines are named where that is asked for, and a look remembers it.
    await done(`runbook ${id} --write --hosts`)
    expect(await text()).toContain('dana@ops-2')
    await done(`runbook ${id} --check`)
    await done(`runbook ${id} --write`)

    // Edited by hand between the markers: said line by line.
    await writeFile(path, dropped.replace('0 of 500 differ', '7 of 500 differ'))
    expect(await cli(`runbook ${id} --check`)).toMatchObject({
      code: 4,
      stdout: expect.stringMatching(/is stale:\n {2}- .*7 of 500 differ.*\n {2}\+ .*0 of 500 differ/u),
    })
    // A declaration that is gone from the code leaves the runbook.
    await writeFile(join(project.folder, 'migrations.js'), 'export const none = []\n')
    await mkdir(join(project.folder, 'docs/migrations'), { recursive: true })
    await done(`runbook ${id} --write`)
    expect(await text()).toBe(dropped)
    await writeFile(path, dropped.replace('<!-- expand-contract:end -->', ''))
    expect(await cli(`runbook ${id} --write`)).toMatchObject({ code: 3, stderr: expect.stringContaining('EC_RUNBOOK') })
    expect(await cli(`runbook ${id} --write --check`)).toMatchObject({ code: 2 })
    await client.end()
    await database.drop()
  })
})
