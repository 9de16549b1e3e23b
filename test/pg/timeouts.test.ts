import { renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture, pause, sentBy } from './engine-fixture.ts'

const SQL = `create table users (id int primary key, name text, full_name text); insert into users values (1, 'ann', 'ann');
create table "it's \\ odd" (id int, name text, full_name text)`
const MIGRATIONS = [
  renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'varchar(30)' }),
  renameColumn({ table: "it's \\ odd", from: 'name', to: 'full_name', type: 'text' }),
]
const READ = 'select name from users'
/** Whatever is known of the columns by then, the next statement reads it anew. */
const ANEW = `alter table "it's \\ odd" add more text`
const settings = 'select current_setting($$statement_timeout$$) as statement, current_setting($$lock_timeout$$) as lock'

describe.each(postgresMajors())('PostgreSQL %i: timeouts of the application', (major) => {
  let fixture: EngineFixture

  beforeEach(async () => {
    fixture = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: 60_000 })
  })
  afterEach(async () => {
    await fixture?.close()
  })

  const ends = (client: pg.Client) =>
    client
      .query('select 1')
      .then(() => (client as unknown as { getTransactionStatus?(): string }).getTransactionStatus?.())

  /** The catalog cannot be read before the returned function is called. */
  const holdCatalog = async (of = fixture): Promise<() => Promise<unknown>> => {
    const blocker = await of.another()
    await blocker.query('begin; lock table pg_catalog.pg_inherits in access exclusive mode')
    return () => blocker.query('rollback')
  }

  /** Whoever has set them, each in a database of its own, at once. */
  test.each([['the startup', 'the role', 'SET']])(
    'fail no reading of the catalog, and stay as they are: by %s, by %s and by %s',
    async (...all) => {
      const failNothing = async (by: string): Promise<void> => {
        const own = await EngineFixture.open(major, { sql: SQL, migrations: MIGRATIONS, catalogRefreshMs: 60_000 })
        const { name } = own.database
        if (by === 'the role')
          await own.bare.query(
            `alter database "${name}" set statement_timeout = 1500; alter database "${name}" set lock_timeout = 1500`,
          )
        const client = await own.client(by === 'the startup' ? { statement_timeout: 1500, lock_timeout: 1500 } : {})
        if (by === 'SET') await client.query('set statement_timeout = 1500; set lock_timeout = 1500')
        if (by === 'SET') await client.query(ANEW)
        const release = await holdCatalog(own)
        const answer = client.query(READ)
        await own.waits(client)
        await pause(1_800)
        await release()
        expect((await answer).rows).toEqual([{ name: 'ann' }])
        expect((await client.query(settings)).rows).toEqual([{ statement: '1500ms', lock: '1500ms' }])
        await expect(client.query('select pg_sleep(200), name from users')).rejects.toMatchObject({ code: '57014' })
        expect(await ends(client)).toBe('I')
        await own.close()
      }
      await Promise.all(all.map(failNothing))
    },
  )

  test('in a transaction, which goes on, with its own settings', async () => {
    const client = await fixture.client()
    await client.query('begin')
    await client.query("set local statement_timeout = '1500ms'; set local lock_timeout = '1500ms'")
    await client.query("select set_config('work_mem', '1MB', true)")
    await client.query(ANEW)
    const release = await holdCatalog()
    const answer = client.query("update users set name = 'bob' where id = 1 returning name")
    await fixture.waits(client)
    await pause(1_800)
    await release()
    expect((await answer).rows).toEqual([{ name: 'bob' }])
    expect((await client.query(settings)).rows).toEqual([{ statement: '1500ms', lock: '1500ms' }])
    await client.query('alter table users drop column full_name; alter table users add full_name text')
    await client.query("update users set name = 'cyd' where id = 1")
    await client.query('commit')
    expect((await fixture.bare.query('select name, full_name from users')).rows).toEqual([
      { name: 'cyd', full_name: 'cyd' },
    ])
    expect((await client.query(settings)).rows).toEqual([{ statement: '0', lock: '0' }])
    await client.query('begin transaction read only isolation level serializable')
    await client.query('create temp table s (id int); savepoint expand_contract_catalog').catch(() => undefined)
    await client.query('rollback')
    expect(await ends(client)).toBe('I')
  })

  test('a savepoint of the application with the name of ours stays its own', async () => {
    const client = await fixture.client()
    await client.query('begin; savepoint expand_contract_catalog')
    await client.query("update users set name = 'bob' where id = 1")
    await client.query('rollback to expand_contract_catalog')
    await client.query('commit')
    expect((await fixture.bare.query('select name, full_name from users')).rows).toEqual([
      { name: 'ann', full_name: 'ann' },
    ])
  })

  test.each([false, true])(
    'a statement that somebody cancels while the catalog is read is cancelled, in a transaction: %s',
    async (inside) => {
      const client = await fixture.client()
      if (inside) await client.query('begin')
      const release = await holdCatalog()
      const sent = sentBy(client)
      const cancelled = expect(client.query(READ)).rejects.toMatchObject({ code: '57014' })
      await fixture.waits(client)
      await fixture.bare.query('select pg_cancel_backend($1)', [(client as unknown as { processID: number }).processID])
      await cancelled
      await release()
      expect(sent.filter((text) => text === READ)).toEqual([])
      if (inside) {
        await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' })
        await client.query('rollback')
      }
      expect((await client.query(READ)).rows).toEqual([{ name: 'ann' }])
    },
  )

  test('a pg.Query that another client cancels while the catalog is read is cancelled', async () => {
    const client = await fixture.client()
    const release = await holdCatalog()
    const query = new pg.Query(READ)
    const failed = new Promise((resolve) => query.once('error', resolve))
    client.query(query)
    await fixture.waits(client)
    const canceller = new pg.Client({ connectionString: fixture.database.url })
    const { cancel } = canceller as unknown as { cancel(client: pg.Client, query: unknown): void }
    cancel.call(canceller, client, query)
    expect(await failed).toMatchObject({ code: '57014' })
    await release()
    expect((await client.query(READ)).rows).toEqual([{ name: 'ann' }])
  })

  test('a name with a quote and a backslash is looked up as it is', async () => {
    const client = await fixture.client()
    await client.query('set standard_conforming_strings = off')
    expect((await client.query(READ)).rows).toEqual([{ name: 'ann' }])
    await client.query('reset standard_conforming_strings')
    await client.query(`insert into "it's \\ odd" (id, name) values (1, 'x')`)
    await client.query('begin')
    await client.query(`update "it's \\ odd" set name = name || 'y'`)
    await client.query('commit')
    expect((await fixture.bare.query(`select * from "it's \\ odd"`)).rows).toEqual([
      { id: 1, name: 'xy', full_name: 'xy' },
    ])
  })
})
