import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'f' })
`
const id = 'users.full_name'

/** The extension is not in every server: a view of its name and columns, which has counted more each time that it is read. */
const STATEMENTS = `create sequence looks;
  create view pg_stat_statements as
    select d.oid as dbid, s.id as queryid, s.query, (n * s.calls)::bigint as calls, (n * s.ms)::float8 as total_exec_time,
      (n * s.calls)::bigint as rows, n * s.wal as wal_bytes
    from (select nextval('looks') as n offset 0) x, pg_database d,
      (values (1, 'SELECT name FROM users WHERE id = $1', 90, 45.0, 0.0), (2, 'UPDATE "users" SET name = $1', 10, 100.0, 2000.0),
        (3, 'SELECT $1 FROM other_users', 1000, 1.0, 0.0), (4, 'update expand_contract.migrations, users', 1000, 1.0, 0.0)) s(id, query, calls, ms, wal)
    where d.datname = current_database()`

describe.each(postgresMajors())('PostgreSQL %i: measure', (major) => {
  test('is recorded by stage, compared with before, and stands in the runbook with a plot', async () => {
    const database = await createDatabase(major, {
      sql: "create table users (id int primary key, name text not null); insert into users select n, 'user ' || n from generate_series(1, 2000) n;",
    })
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await using project = await cliProject(database.url, DECLARATIONS)
    async function done(line: string) {
      const answer = await project.run(line.split(' '))
      expect([line, answer.code, answer.code === 0 ? '' : answer.stderr + answer.stdout]).toEqual([line, 0, ''])
      return answer
    }
    await done('init --yes')
    const bare = await done(`measure ${id} --for 10ms`)
    expect(bare.stdout).toContain('pg_stat_statements is not there')
    await client.query(STATEMENTS)
    const before = await done(`measure ${id} --for 10ms --json`)
    expect(before.json().at(-1)).toMatchObject({
      result: {
        measured: { stage: 'off', p50Ms: 0.5, p95Ms: 10, walPerRow: 200, noise: 0, tableBytes: expect.any(Number) },
        compared: [],
      },
    })
    await done(`expand ${id} --yes`)
    await done(`backfill ${id}`)
    const now = await done(`measure ${id} --for 10ms`)
    expect(now.stdout).toMatch(/p50 +0\.50 ms +0\.50 ms +0 % +same \(noise 2 %\)/u)
    expect(now.stdout).toMatch(/table .*expected/u)
    await done(`measure ${id} --for 10ms --stage peak`)
    await done(`runbook ${id} --write`)
    const path = join(project.folder, 'docs/migrations', id)
    const [page, svg] = [await readFile(`${path}.md`, 'utf8'), await readFile(`${path}.svg`, 'utf8')]
    expect(page).toContain('| `users`, per statement | before | now | change | verdict |')
    expect(page).toContain('| p50 | 0.50 ms | 0.50 ms | 0 % | same (noise 2 %) |')
    expect(page).toContain('![Latency of statements on users by stage](users.full_name.svg)')
    expect(svg).toMatch(/^<svg [^>]*><|^<svg [^>]*>\n<title>Latency/u)
    for (const stage of ['off', 'expand', 'peak']) expect(svg).toContain(`>${stage}</text>`)
    await done(`runbook ${id} --check`)
    expect((await done(`runbook ${id} --write`)).stdout).toContain('nothing is new')
    await writeFile(`${path}.svg`, svg.replace('p50', 'p51'))
    expect(await project.run(['runbook', id, '--check'])).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('.svg is stale'),
    })
    expect(await project.run(['measure', id, '--for', 'long'])).toMatchObject({ code: 2 })
    await client.end()
    await database.drop()
  })
})
