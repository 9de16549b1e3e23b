import { StatementRefusedError } from '@expand-contract/pglite'
import { describe, expect, test } from 'vitest'
import { BOTH, EXPAND, OLD, PEOPLE } from '../postgres-js/people.ts'
import { openPGlite } from './open-pglite.ts'

const ALL = 'select name, full_name from people order by id'
const FIRST = 'select name from people where id = 1'

describe('transaction', () => {
  test('keeps the column that it began to read, and savepoints with it', async () => {
    await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
    const { db, flags } = fixture
    const seen = await db.transaction(async (tx) => {
      const name = async () => (await tx.query<{ name: string }>(FIRST)).rows[0]?.name
      const before = await name()
      flags.set('name', true)
      const after = await name()
      await tx.exec('savepoint nested')
      const nested = await name()
      await tx.exec('release nested')
      return [before, after, nested]
    })
    expect(seen).toEqual(['Ada', 'Ada', 'Ada'])
    expect(await db.query(FIRST)).toMatchObject({ rows: [{ name: 'Ada*' }] })
  })

  test('takes what was not awaited in its order, and commits it', async () => {
    await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
    await fixture.db.transaction(async (tx) => {
      void tx.query("insert into notes (body) values ('first')")
      void tx.sql`insert into people (name) select 'Note ' || id from notes`
      void tx.exec("insert into notes (body) select name from people where name like 'Note%'")
    })
    expect(await fixture.bare('select body from notes order by id')).toEqual([{ body: 'first' }, { body: 'Note 1' }])
    expect((await fixture.bare(ALL)).slice(3)).toEqual([{ name: 'Note 1', full_name: 'Note 1' }])
  })

  test.each(['rollback to again', 'abort and chain'])('forgets the DDL that is taken back: %s', async (undo) => {
    await using fixture = await openPGlite({ script: OLD, migrations: PEOPLE, catalogRefreshMs: 600_000 })
    const { db } = fixture
    await db.exec('begin')
    await db.exec('savepoint again')
    await db.exec(EXPAND)
    await db.query("insert into people (name) values ('Lost')")
    await db.exec(undo)
    await db.query("insert into people (name) values ('Last')")
    await db.exec(EXPAND)
    await db.query("insert into people (name) values ('Expanded')")
    await db.exec('end')
    await db.query("insert into people (name) values ('After')")
    expect((await fixture.bare(ALL)).slice(3)).toEqual([
      { name: 'Last', full_name: null },
      { name: 'Expanded', full_name: 'Expanded' },
      { name: 'After', full_name: 'After' },
    ])
  })

  test('is rolled back by an error, one that was caught, and by hand', async () => {
    await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
    const { db } = fixture
    const thrown = db.transaction(async (tx) => {
      await tx.query("insert into people (name) values ('Lost')")
      throw new Error('mine')
    })
    await expect(thrown).rejects.toThrow('mine')
    const caught = db.transaction(async (tx) => {
      await tx.query("insert into people (name) values ('Lost')")
      await tx.query("insert into people (name) values ('Ada')").catch(() => 'caught')
      await expect(tx.query(FIRST)).rejects.toMatchObject({ code: '25P02' })
    })
    await expect(caught).rejects.toMatchObject({ code: '25P02', query: 'COMMIT' })
    const seen = await db.transaction(async (tx) => {
      await tx.query("insert into people (name) values ('Lost')")
      await tx.rollback()
      expect(tx.closed).toBe(true)
      await expect(tx.query(FIRST)).rejects.toThrow('Transaction is closed')
      return 'rolled back'
    })
    expect(seen).toBe('rolled back')
    expect(await fixture.bare(ALL)).toHaveLength(3)
  })

  test('goes on after what was refused, after a savepoint that failed, and after an error of PGlite itself', async () => {
    await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE, catalogRefreshMs: 0 })
    await fixture.db.transaction(async (tx) => {
      const refused = tx.query("copy people (name) from '/dev/blob'", [], { blob: new Blob(['Copied\n']) })
      await expect(refused).rejects.toMatchObject({ code: 'EC_REFUSED', command: 'COPY' })
      await expect(refused).rejects.toBeInstanceOf(StatementRefusedError)
      await tx.query("insert into people (name) values ('Before')")
      await tx.exec('savepoint nested')
      await tx.query("insert into people (name) values ('Lost')")
      await expect(tx.query("insert into people (name) values ('Ada')")).rejects.toMatchObject({ code: '23505' })
      await tx.exec('rollback to nested')
      await tx.query("insert into people (name) values ('After')")
      await expect(tx.query('select name from people where $1', ['neither'])).rejects.toThrow('Invalid input')
      await tx.query("update people set name = name || '+' where name = 'After'")
    })
    expect((await fixture.bare(ALL)).slice(3)).toEqual([
      { name: 'Before', full_name: 'Before' },
      { name: 'After+', full_name: 'After+' },
    ])
  })

  test('sees its own DDL, and everybody when it is committed', async () => {
    await using fixture = await openPGlite({ script: OLD, migrations: PEOPLE, catalogRefreshMs: 600_000 })
    const { db } = fixture
    await db.query("insert into people (name) values ('Before')")
    await db.transaction(async (tx) => {
      await tx.exec(EXPAND)
      await tx.query("insert into people (name) values ('Lost')")
      await tx.rollback()
    })
    await db.query("insert into people (name) values ('Without')")
    await db.transaction(async (tx) => {
      await tx.exec(EXPAND)
      await tx.query("insert into people (name) values ('Within')")
    })
    await db.query("insert into people (name) values ('After')")
    expect((await fixture.bare(ALL)).slice(3)).toEqual([
      { name: 'Before', full_name: null },
      { name: 'Without', full_name: null },
      { name: 'Within', full_name: 'Within' },
      { name: 'After', full_name: 'After' },
    ])
  })

  test('holds back what is sent outside of it', async () => {
    await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
    const { db } = fixture
    const order: string[] = []
    const outside = (text: string) => db.query(text).then(() => order.push(text))
    const first = db.transaction(async (tx) => {
      void outside("insert into people (name) values ('Outside')")
      await tx.query(FIRST)
      await tx.query('select pg_sleep(0.05)')
      order.push('within')
      throw new Error('rolled back')
    })
    await expect(first).rejects.toThrow('rolled back')
    await outside(FIRST)
    expect(order).toEqual(['within', "insert into people (name) values ('Outside')", FIRST])
    expect((await fixture.bare(ALL)).slice(3)).toEqual([{ name: 'Outside', full_name: 'Outside' }])
  })
})

describe('a transaction that is begun by hand', () => {
  test('is followed by the words of the statements', async () => {
    await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
    const { db, flags } = fixture
    const name = async () => (await db.query<{ name: string }>(FIRST)).rows[0]?.name
    await db.query('begin')
    const seen = [await name()]
    flags.set('name', true)
    seen.push(await name())
    await expect(db.query("insert into people (name) values ('Alan')")).rejects.toMatchObject({ code: '23505' })
    await expect(name()).rejects.toMatchObject({ code: '25P02' })
    await db.exec('rollback')
    seen.push(await name())
    await db.exec("begin; insert into people (name) values ('Kept')")
    flags.set('name', false)
    seen.push(await name())
    await expect(db.query('select name from people where $1', ['neither'])).rejects.toThrow('Invalid input')
    await db.query("insert into people (name) values ('Kept, too')")
    await db.query('commit and chain')
    seen.push(await name())
    await db.query('commit')
    expect(seen).toEqual(['Ada', 'Ada', 'Ada*', 'Ada*', 'Ada'])
    expect((await fixture.bare(ALL)).slice(3)).toEqual([
      { name: 'Kept', full_name: 'Kept' },
      { name: 'Kept, too', full_name: 'Kept, too' },
    ])
  })

  test('is the one that transaction() finds open', async () => {
    await using fixture = await openPGlite({ script: BOTH, migrations: PEOPLE })
    const { db, flags } = fixture
    await db.query('begin')
    const seen = [await db.query(FIRST)]
    flags.set('name', true)
    seen.push(await db.transaction((tx) => tx.query(FIRST)))
    seen.push(await db.query(FIRST))
    expect(seen.map(({ rows }) => rows)).toEqual([[{ name: 'Ada' }], [{ name: 'Ada' }], [{ name: 'Ada*' }]])
  })

  test('that a procedure ends is not taken for open', async () => {
    const script = `${BOTH}; create procedure done() language plpgsql as 'begin commit; end'`
    await using fixture = await openPGlite({ script, migrations: PEOPLE })
    const { db, driver, flags } = fixture
    const seen = [await db.query(FIRST)]
    await db.exec('call done()')
    expect(driver.isInTransaction()).toBe(false)
    flags.set('name', true)
    seen.push(await db.query(FIRST))
    expect(seen.map(({ rows }) => rows)).toEqual([[{ name: 'Ada' }], [{ name: 'Ada*' }]])
  })
})
