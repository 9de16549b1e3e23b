import { changeColumnType, renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const TABLE = `create table users (id serial primary key, name text, code text, seen int default 0);
  insert into users (name, code) select 'n' || g, g::text from generate_series(1, 500) g;`
const RENAME = renameColumn({ table: 'users', from: 'name', to: 'full_name' })
const RETYPE = changeColumnType({ table: 'users', from: 'code', fromType: 'text', to: 'code_int', type: 'int4' })

/** Clients that write the old columns, as an old version of the application does, and never stop. */
class Writers {
  readonly errors: unknown[] = []
  written = 0
  #running = true
  readonly #done: Promise<void>[]

  constructor(url: string, clients: number) {
    this.#done = Array.from({ length: clients }, (_, index) => this.#write(url, index))
  }

  async #write(url: string, index: number): Promise<void> {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (let n = 0; this.#running; n += 1) {
      const id = 1 + ((n * 7 + index * 83) % 500)
      const value = `${index}.${n}`
      const statements = [
        ['update users set name = $2 where id = $1', [id, value]],
        ['insert into users (name, code) values ($1, $2)', [value, n % 5 === 0 ? 'none' : String(n)]],
        ['update users set code = $2 where id = $1', [id, n % 7 === 0 ? 'none' : String(n)]],
        ['update users set seen = seen + 1 where id = $1', [id]],
      ] as const
      const [text, values] = statements[n % statements.length] ?? statements[0]
      await client.query(text, [...values]).catch((error: unknown) => this.errors.push(error))
      this.written += 1
    }
    await client.end()
  }

  async until(written: number): Promise<void> {
    while (this.written < written) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  async stop(): Promise<void> {
    this.#running = false
    await Promise.all(this.#done)
  }
}

describe.each(postgresMajors())('PostgreSQL %i: under six writers of the old columns', (major) => {
  test('PEERS 3: expand, every phase and rollback fail no statement and leave no row out of step', async () => {
    const db = await ExpandedDatabase.open(major, TABLE)
    const writers = new Writers(db.database.url, 6)
    const more = () => writers.until(writers.written + 300)
    await more()
    await db.expand(RENAME, { lockTimeoutMs: 200, firstPauseMs: 20 })
    await db.expand(RETYPE, { firstPauseMs: 20 })
    await more()
    for (const phase of ['switch', 'contract', 'switch', 'expand'] as const) {
      await db.enter(RENAME, phase)
      await more()
    }
    // The values of before are filled when they are touched.
    await db.client.query('update users set id = id')
    await more()
    const apart =
      await db.rows(`select id, name, full_name, code, code_int from users where full_name is distinct from name
      or code_int is distinct from case when code ~ '^[0-9]+$' then code::int end`)
    expect(apart).toEqual([])

    // Those that still name the old columns alone never notice.
    await db.rollback(RENAME)
    await more()
    await writers.stop()
    expect(writers.errors).toEqual([])
    expect(
      await db.rows(
        "select * from users where code_int is distinct from case when code ~ '^[0-9]+$' then code::int end",
      ),
    ).toEqual([])
    expect((await db.facts(RENAME)).table?.columns.map(({ name }) => name)).toEqual(['name'])
    await db.close()
  })

  test('RUNNER 2: rows written between the column and the trigger are none: both come at once', async () => {
    const db = await ExpandedDatabase.open(
      major,
      'create table users (id serial primary key, name text, code text, seen int default 0);',
    )
    const writers = new Writers(db.database.url, 6)
    await writers.until(100)
    await db.expand(RENAME, { firstPauseMs: 20 })
    await writers.until(writers.written + 300)
    await writers.stop()
    expect(writers.errors).toEqual([])
    // A row version of five columns was written when the new one was there (t_infomask2 has their number), by whomever.
    const versions = `select format('(%s,%s)', page, lp)::tid as at, t_infomask2 & 2047 as columns
      from generate_series(0, pg_relation_size('users') / 8192 - 1) page, heap_page_items(get_raw_page('users', page::int))`
    await db.client.query('create extension pageinspect')
    const [found] =
      await db.rows(`select count(*)::int as written, count(*) filter (where full_name is distinct from name)::int as apart
      from users join (${versions}) v on v.at = users.ctid and v.columns = 5`)
    expect(found).toMatchObject({ apart: 0 })
    expect(found?.written).toBeGreaterThan(50)
    await db.close()
  })
})
