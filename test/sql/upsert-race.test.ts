import { createRuntime, renameColumn } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { createDatabase, type postgresMajors as majors, postgresMajors } from '../support/postgres.ts'

/**
 * Entries of an index on an expression are made after ON CONFLICT has looked for a conflict and before the entries of
 * younger indexes: a function that waits there holds an upsert in the moment in which another one can overtake it.
 */
const TABLE = `
  create function held(value text) returns text language plpgsql immutable as $$ begin
    if current_setting('app.held', true) = 'yes' then perform pg_advisory_xact_lock(7); end if;
    return value;
  end $$;
  create table accounts (id serial primary key, login text, hits int default 1);
  create index accounts_held on accounts (held(login));
  alter table accounts add constraint accounts_login_key unique (login)`

const added = (constraint: string): string => `${TABLE};
  alter table accounts add column login_name text;
  alter table accounts add constraint accounts_login_name_key ${constraint}`

const UPSERT = 'insert into accounts (login) values ($1) on conflict (login) do update set hits = accounts.hits + 1'

const MIGRATION = renameColumn({
  table: 'accounts',
  from: 'login',
  to: 'login_name',
  constraints: { accounts_login_key: 'accounts_login_name_key' },
})

type Major = ReturnType<typeof majors>[number]

/** What becomes of an upsert of a new key that another upsert of the key overtakes. */
async function overtaken(major: Major, sql: string): Promise<{ readonly error: unknown; readonly rows: unknown }> {
  const database = await createDatabase(major, { sql })
  const runtime = await createRuntime({ migrations: [MIGRATION] })
  const Client = instrumentedClient(runtime)
  const [held, quick] = [0, 1].map(() => new Client({ connectionString: database.url })) as [pg.Client, pg.Client]
  const gate = new pg.Client({ connectionString: database.url })
  await Promise.all([held.connect(), quick.connect(), gate.connect()])
  await gate.query('select pg_advisory_lock(7)')
  await held.query("set app.held = 'yes'")
  const first = held.query(UPSERT, ['ada']).then(
    () => undefined,
    (error: unknown) => error,
  )
  const own = '(select oid from pg_database where datname = current_database())'
  const waiting = `select from pg_locks where locktype = 'advisory' and not granted and database = ${own}`
  while ((await gate.query(waiting)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  await quick.query(UPSERT, ['ada'])
  await gate.query('select pg_advisory_unlock(7)')
  const error = await first
  const { rows } = await gate.query('select login, hits from accounts')
  await Promise.all([held.end(), quick.end(), gate.end()])
  await runtime.close()
  await database.drop()
  return { error, rows }
}

describe.each(postgresMajors())('an upsert of a new key that another overtakes, on PostgreSQL %i', (major) => {
  test('updates the row with one unique column, as the untouched table has', async () => {
    expect(await overtaken(major, TABLE)).toEqual({ error: undefined, rows: [{ login: 'ada', hits: 2 }] })
  })

  test('fails where the other column is unique as well, since ON CONFLICT can name one index only', async () => {
    const { error, rows } = await overtaken(major, added('unique (login_name)'))
    expect(error).toMatchObject({ code: '23505', constraint: 'accounts_login_key' })
    expect(rows).toEqual([{ login: 'ada', hits: 1 }])
  })

  test('updates the row where the constraint of the other column is deferrable', async () => {
    const { error, rows } = await overtaken(major, added('unique (login_name) deferrable'))
    expect({ error, rows }).toEqual({ error: undefined, rows: [{ login: 'ada', hits: 2 }] })
  })
})
