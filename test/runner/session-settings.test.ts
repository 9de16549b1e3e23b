import { renameColumn } from '@expand-contract/core'
import { backfill, repair, verify } from '@expand-contract/runner'
import type pg from 'pg'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const SCHEMA =
  "create table users (id int primary key, name text); insert into users select n, 'n' || n from generate_series(1, 50) n;"
const RENAME = renameColumn({ table: 'users', from: 'name', to: 'full_name' })

describe.each(postgresMajors())('PostgreSQL %i: through a pooler', (major) => {
  // A plain SET stays with the connection, which PgBouncer hands to the next client: an application with row security would fail.
  test('RUNNER 3: no setting of the runner outlives its transaction', async () => {
    const db = await ExpandedDatabase.open(major, SCHEMA)
    const { client } = db
    const settings = () => db.rows('select name, setting from pg_settings where source = $1 order by name', ['session'])
    const before = await settings()
    await db.expand(RENAME)
    const ddl = async (text: string): Promise<void> => void (await client.query(text))
    await backfill({ migration: RENAME, client, worker: 'test', ddl })
    await verify({ migration: RENAME, client, who: 'test' })
    await repair({ migration: RENAME, client, operator: { who: 'test' }, ddl, dryRun: true })
    await repair({ migration: RENAME, client, operator: { who: 'test' }, ddl })
    await db.rollback(RENAME)
    expect(await settings()).toEqual(before)
    await db.close()
  })

  test('RUNNER 3: rows that row security hides are an error, whichever connection a query gets', async () => {
    const db = await ExpandedDatabase.open(major, SCHEMA)
    await db.expand(RENAME)
    const role = `hidden_${db.database.name}`
    await db.client.query(`create role ${role}; grant usage on schema expand_contract to ${role};
      grant all on all tables in schema public, expand_contract to ${role}; grant select on all sequences in schema expand_contract to ${role};
      alter table users enable row level security; create policy ours on users using (id < 10) with check (true)`)
    const client = await db.connect()
    await client.query(`set session authorization ${role}`)
    // As if what is not in one transaction came to another connection of the pooler each time, without what the one before has set.
    let within = false
    const pooled = {
      async query(text: string, values?: unknown[]) {
        if (!within) await client.query('reset all')
        if (/^begin/iu.test(text)) within = true
        if (/^(?:commit|rollback)$/iu.test(text)) within = false
        const result: pg.QueryResult | readonly pg.QueryResult[] = await client.query(text, values)
        return Array.isArray(result) ? result.at(-1) : result
      },
    }
    const ddl = async (text: string): Promise<void> => void (await client.query(text))
    for (const work of [
      () => verify({ migration: RENAME, client: pooled, who: 'test' }),
      () => repair({ migration: RENAME, client: pooled, operator: { who: 'test' }, ddl, dryRun: true }),
      () => backfill({ migration: RENAME, client: pooled, worker: 'test', ddl }),
    ])
      await expect(work()).rejects.toMatchObject({ code: '42501' })
    await db.client.query(`drop owned by ${role}; drop role ${role}`)
    await db.close()
  })
})
