import { controlSql } from '@expand-contract/control'
import { renameColumn } from '@expand-contract/core'
import { type RunnerEvent, readFacts, runExpand } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import pg from 'pg'
import { expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { startPostgres } from '../support/start-postgres.ts'

const RENAME = renameColumn({ table: 'users', from: 'name', to: 'full_name' })

test('RUNNER 7: an autovacuum of the table yields, and expand gets through at the first try', async () => {
  // A server of its own, since autovacuum is to come at once and to be slow.
  const server = await startPostgres({ major: newestMajor(), settings: { autovacuum_naptime: '1s' } })
  const client = new pg.Client({ connectionString: server.url() })
  try {
    if (server.rung === 'given') return void console.warn('Not run: the settings of a given server are not changed.')
    await client.connect()
    await loadParser()
    await client.query(`${controlSql()};
      create table users (id int, name text) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1,
        autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)`)
    await client.query("insert into users select g, 'n' || g from generate_series(1, 50000) g")
    await client.query('delete from users where id % 2 = 0')
    const vacuums = async () =>
      Number(
        (await client.query("select count(*) from pg_stat_progress_vacuum where relid = 'users'::regclass")).rows[0]
          .count,
      )
    const deadline = Date.now() + 60_000
    while ((await vacuums()) === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
    expect(await vacuums()).toBe(1)

    const events: RunnerEvent[] = []
    await runExpand(client, RENAME, { operator: { who: 'test' }, onEvent: (event) => events.push(event) })
    expect(events.filter(({ type }) => type === 'waiting' || type === 'committed')).toEqual([
      { type: 'committed', transaction: 'expand', tries: 1, lockedMs: expect.any(Number) },
    ])
    expect((await readFacts(client, RENAME)).trigger?.phase).toBe('expand')
  } finally {
    await client.end()
    await server.stop()
  }
})
