import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { measureSchema, runbookSchema } from '@expand-contract/cli/json'
import { databasePhases, joinFleet } from '@expand-contract/control'
import { createRuntime, fixedFlags, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { parse, strictObject } from 'valibot'
import { describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'f' })
`
const id = 'users.full_name'

/** What the extension has counted is of the moment (see pg-stat-statements.test.ts): here a view of its name and columns has counted more each time that it is read. */
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
        migrations: [
          {
            ...{ migration: id, phase: 'off', before: null, compared: [], counted: true },
            measured: { stage: 'off', p50Ms: 0.5, p95Ms: 10, walPerRow: 200, noise: 0, tableBytes: expect.any(Number) },
          },
        ],
      },
    })
    await done(`expand ${id} --yes`)
    await done(`backfill ${id}`)
    const now = await done(`measure ${id} --for 10ms`)
    expect(now.stdout).toMatch(/p50 of means +0\.50 ms +0\.50 ms +0 % +same \(noise 2 %\)/u)
    expect(now.stdout).toMatch(/table .*expected/u)
    await done(`measure ${id} --for 10ms --stage peak`)
    await done(`runbook ${id} --write`)
    const path = join(project.folder, 'docs/migrations', id)
    const [page, svg] = [await readFile(`${path}.md`, 'utf8'), await readFile(`${path}.svg`, 'utf8')]
    expect(page).toContain('| `users`, per statement | before | now | change | verdict |')
    expect(page).toContain('| p50 of means | 0.50 ms | 0.50 ms | 0 % | same (noise 2 %) |')
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

  test('says of each stage how long statements took in the application, whoever has measured there', async () => {
    const database = await createDatabase(major, {
      sql: "create table users (id int primary key, name text not null); insert into users select n, 'user ' || n from generate_series(1, 200) n; create table others (a int)",
    })
    const own = new pg.Pool({ connectionString: database.url, max: 2 })
    await using project = await cliProject(
      database.url,
      `${DECLARATIONS}\n  export const other = renameColumn({ table: 'others', from: 'a', to: 'b' })`,
    )
    async function done(line: string) {
      const answer = await project.run(line.split(' '))
      expect([line, answer.code, answer.code === 0 ? '' : answer.stderr + answer.stdout]).toEqual([line, 0, ''])
      return answer
    }
    const result = async (line: string) => Object((await done(`${line} --json`)).json().at(-1)?.result)
    const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'f' })
    const runtime = await createRuntime({ migrations: [fullName], flags: fixedFlags({}), phases: databasePhases() })
    const pool = instrumentedPool(runtime, { connectionString: database.url, max: 1 }, { catalogRefreshMs: 0 })
    await done('init --yes')
    const joined = () => joinFleet(runtime, own, { application: 'web', everyMs: 3_600_000 })
    let member = joined()
    const traffic = async (reads: number, writes: number) => {
      for (let turn = 0; turn < reads; turn++) await pool.query('select name from users where id = $1', [turn])
      for (let turn = 0; turn < writes; turn++) await pool.query('update users set name = $1 where id = 1', ['secret'])
      await member.report()
    }
    await traffic(30, 20)
    await done(`expand ${id} --yes`)
    await traffic(30, 20)
    const found = await result(`measure ${id} --for 10ms`)
    parse(measureSchema, found)
    const kinds = { read: { count: 30, p50Ms: expect.any(Number) }, write: { count: 20 } }
    expect(found.migrations).toMatchObject([
      {
        ...{ migration: id, phase: 'expand', before: { stage: 'off', sessions: kinds } },
        measured: { stage: 'expand', sessions: kinds },
        stages: [{ stage: 'off' }, { stage: 'expand', tableBytes: expect.any(Number) }],
        compared: expect.arrayContaining([expect.objectContaining({ name: 'writes p50' })]),
      },
    ])
    const shown = await done(`measure ${id} --for 10ms`)
    expect(shown.stdout).toMatch(/STAGE +KIND +SEEN +PER SECOND +P50 +P95 +P99 +NOISE\noff +reads .*\n +|off +writes/u)
    expect(shown.stdout).toMatch(/reads p50 +[\d.,]+ ms +[\d.,]+ ms/u)
    expect(shown.stdout).not.toContain('secret')

    // A name is of this time alone, in which nobody has sent anything.
    const peak = await result(`measure ${id} --for 10ms --stage peak`)
    parse(measureSchema, peak)
    expect(peak.migrations[0].measured).not.toHaveProperty('sessions')
    // All that are declared, each by itself; of the other one nobody has counted anything.
    const all = await result('measure --for 10ms')
    parse(measureSchema, all)
    expect(all.migrations).toMatchObject([
      { migration: id, stages: [{ stage: 'off' }, { stage: 'expand' }, { stage: 'peak' }] },
      { migration: 'others.b', measured: { stage: 'off' }, before: null },
    ])
    expect((await done('measure --for 10ms')).stdout).toMatch(
      /Measured users\.full_name: expand[\s\S]*Measured others\.b: off/u,
    )

    const page = await result(`runbook ${id}`)
    parse(runbookSchema, page)
    expect(page.text).toMatch(/\| reads p50 \| [\d.,]+ ms \| [\d.,]+ ms \| [+-]?\d+ % \| .+ \|/u)
    expect(page.text).toContain('Measured in off and in expand:')
    const strict = strictObject(runbookSchema.entries)
    expect(parse(strict, await result(`runbook ${id} --write`)).files).toEqual([
      { path: `docs/migrations/${id}.md`, changed: true },
      { path: `docs/migrations/${id}.svg`, changed: true },
    ])
    expect(parse(strict, await result(`runbook ${id} --check`))).toEqual({ stale: false, files: [] })
    expect(await readFile(join(project.folder, 'docs/migrations', `${id}.svg`), 'utf8')).toContain(
      'by stage: writes, ms',
    )
    await traffic(5, 5)
    expect((await project.run(['runbook', id, '--check'])).code).toBe(0)
    await writeFile(join(project.folder, 'docs/migrations', `${id}.md`), '')
    const stale = Object((await project.run(['runbook', id, '--check', '--json'])).json().at(-1)?.result)
    expect(parse(strict, stale)).toMatchObject({
      stale: true,
      files: [{ missing: false, differences: expect.any(Array) }],
    })

    // A life that is over is no stage of the present one. Nobody is there whom the rollback would wait for.
    await member.leave()
    await done(`rollback ${id} --confirm ${id}@${database.name}`)
    await own.query(`update expand_contract.latencies set began_at = began_at - interval '1 h', first_at = first_at - interval '1 h',
      last_at = last_at - interval '1 h' where phase = 'expand'`)
    await done(`expand ${id} --yes`)
    member = joined()
    await traffic(7, 0)
    const again = await result(`measure ${id} --for 10ms`)
    expect(again.migrations[0].measured.sessions).toMatchObject({ read: { count: 7 } })
    await member.leave()
    await pool.end()
    await runtime.close()
    await own.end()
    await database.drop()
  })
})
