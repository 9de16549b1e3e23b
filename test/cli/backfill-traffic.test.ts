import pg from 'pg'
import { expect, test } from 'vitest'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

const ID = 'users.full_name'
const SCHEMA = `create table users (id int primary key, name text not null);
  insert into users select n, 'user ' || n from generate_series(1, 500) n; create table hold (); insert into hold default values`

/** What processes have counted: so many statements of about 1 ms (bucket 112), or twice that (128). */
const COUNTED = `insert into expand_contract.latencies (migration, phase, side, kind, slot, began_at, first_at, last_at, count, counts)
  values ('${ID}', $1, 'old', 'read', 1, now(), now(), now(), $2, array_fill(0::bigint, array[$3::int]) || $2::bigint)`

test('a backfill says how long statements of the applications take beside it, against before', async () => {
  const database = await createDatabase(newestMajor(), { sql: SCHEMA })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  {
    await using project = await cliProject(
      database.url,
      `import { renameColumn } from '@expand-contract/core'
      export const all = [renameColumn({ table: 'users', from: 'name', to: 'full_name' })]`,
    )
    const run = (line: string) => project.run(line.split(' '))
    await run('init --yes')
    await run(`expand ${ID} --yes`)
    await client.query(COUNTED, ['off', 1_000, 112])
    const filling = project.run(['backfill', ID, '--throttle-query', 'select exists (select from hold)', '--json'])
    await expect
      .poll(
        async () =>
          (await client.query('select from expand_contract.backfill_ranges where lease_until > now()')).rowCount,
        { timeout: 60_000 },
      )
      .toBeGreaterThan(0)
    await client.query(COUNTED, ['expand', 400, 128])
    await client.query('delete from hold')
    const filled = await filling
    expect(filled.json().at(-1)).toMatchObject({
      ...{ ok: true, result: { rows: 500, traffic: { ratio: 2, mostRatio: 2, p95Ms: expect.any(Number) } } },
    })
    // Run again, what is compared with is still the time before the migration; and nothing has been sent since.
    const again = await run(`backfill ${ID}`)
    expect(again).toMatchObject({ code: 0, stdout: expect.not.stringContaining('p95') })
  }
  await client.end()
  await database.drop()
})
