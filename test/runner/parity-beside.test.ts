import { changeColumnType, type Migration, mergeColumns, renameColumn } from '@expand-contract/core'
import { readParity, runParity } from '@expand-contract/runner'
import { afterEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'
import { definitionsOf, expandAndFill, fill } from './parity-life.ts'

const A = renameColumn({ table: 'items', from: 'aa', to: 'zz_aa' })
const B = changeColumnType({ table: 'items', from: 'bb', fromType: 'int4', to: 'zz_bb', type: 'int8' })

const TABLES = `create table towns (x text, y int8, primary key (x, y));
  create table items (id int primary key, aa text, bb int, constraint items_aa_bb_key unique (aa, bb),
    constraint items_check check (aa <> '' or bb > 0), constraint items_town foreign key (bb, aa) references towns (y, x) on update cascade);
  create index items_aa_bb_idx on items (bb desc, lower(aa)) include (aa) where bb is not null;
  create statistics items_stats (mcv) on aa, bb from items;
  create table parts (id int primary key, p text, q int, constraint parts_item foreign key (p, q) references items (aa, bb) on delete cascade);
  insert into towns select 'n' || g, g from generate_series(1, 20) g; insert into items select g, 'n' || g, g from generate_series(1, 20) g;
  insert into parts select g, 'n' || g, g from generate_series(1, 20) g`

/** A definition with every choice of the old and the new column, for each of two pairs. */
const eachWay = (definition: string): readonly string[] =>
  ['aa', 'zz_aa']
    .flatMap((aa) => ['bb', 'zz_bb'].map((bb) => ({ aa, bb })))
    .map(({ aa, bb }) => definition.replaceAll(/\baa\b/gu, aa).replaceAll(/\bbb\b/gu, bb))

/** The columns of statistics stand in the order of their numbers. */
const sorted = (texts: readonly string[]): readonly string[] =>
  texts
    .map((text) =>
      text.replace(/ON (\w+), (\w+) FROM/u, (_, one, other) => `ON ${[one, other].sort().join(', ')} FROM`),
    )
    .toSorted()

describe.each(postgresMajors())('PostgreSQL %i: parity of two migrations beside each other', (major) => {
  let db: ExpandedDatabase
  afterEach(() => db.close())

  const parity = async (migration: Migration): Promise<unknown> => {
    await runParity(db.client, migration)
    return (await readParity(db.client, migration)).missing
  }
  /** What it leaves to people before reads move, run as it is offered. */
  const decide = async (migration: Migration): Promise<readonly string[]> => {
    const { forPeople } = await readParity(db.client, migration)
    const open = forPeople.filter(({ before }) => before === 'switch')
    for (const { sql } of open) await db.client.query(sql)
    return open.map(({ what }) => what)
  }
  const keysOf = async (table: string): Promise<readonly string[]> =>
    (await definitionsOf(db, table)).filter((text) => text.startsWith('FOREIGN'))

  test.each([
    { first: A, second: B, atOnce: false },
    { first: B, second: A, atOnce: false },
    { first: A, second: B, atOnce: true },
  ])(
    'of one table, what stands over both old columns: $first.id before $second.id, at once: $atOnce',
    async ({ first, second, atOnce }) => {
      db = await ExpandedDatabase.open(major, TABLES)
      const before = await definitionsOf(db, 'items')
      const both = [first, second]
      const offered: (readonly string[])[] = []
      if (atOnce) {
        for (const each of both) await db.expand(each)
        for (const each of both) await fill(db, each)
        for (const each of both) expect(await parity(each)).toEqual([])
      } else
        for (const each of both) {
          await expandAndFill(db, each)
          expect(await parity(each)).toEqual([])
          offered.push(await decide(each))
        }
      for (const each of [...both, ...both]) expect((await runParity(db.client, each)).actions).toEqual([])
      // Either may move on before the other one does.
      const expected = before.flatMap((text) => (text.includes('(id)') ? [text] : eachWay(text)))
      expect(sorted(await definitionsOf(db, 'items'))).toEqual(sorted(expected))
      const names = await db.rows(
        "select conname from pg_constraint where conrelid = 'items'::regclass and contype <> 'n'",
      )
      expect(new Set(names.map(({ conname }) => conname)).size).toBe(names.length)

      for (const each of both) offered.push(await decide(each))
      const key = 'foreign key parts_item of public.parts'
      // One key to both new columns is enough, as soon as these are unique together.
      expect(offered).toEqual(atOnce ? [[key], []] : [[key], [key], [], []])
      expect((await keysOf('parts')).length).toBe(1 + offered.flat().length)

      // The key to both new columns is no key of its own: the old one still holds the rows of the other.
      await db.rollback(first)
      expect((await keysOf('parts')).length).toBe(1)
      expect(await parity(second)).toEqual([])
      await db.rollback(second)
      expect(await definitionsOf(db, 'items')).toEqual(before)
      expect(await keysOf('parts')).toEqual(['FOREIGN KEY (p, q) REFERENCES items(aa, bb) ON DELETE CASCADE'])
    },
  )

  test('a foreign key between two tables that migrate, in either order', async () => {
    const place = `create table users (id int primary key); create table orders (id int primary key, user_id int references users);
      insert into users select g from generate_series(1, 9) g; insert into orders select g, g from generate_series(1, 9) g`
    const key = changeColumnType({ table: 'users', from: 'id', fromType: 'int4', to: 'id_new', type: 'int8' })
    const user = changeColumnType({ table: 'orders', from: 'user_id', fromType: 'int4', to: 'user_new', type: 'int8' })
    for (const order of [
      [key, user],
      [user, key],
    ]) {
      db = await ExpandedDatabase.open(major, place)
      for (const each of order) {
        await expandAndFill(db, each)
        expect(await parity(each)).toEqual([])
      }
      expect(await decide(user)).toEqual([])
      expect(await decide(key)).toEqual(['foreign key orders_user_id_fkey of public.orders'])
      expect(await decide(key)).toEqual([])
      expect(await keysOf('orders')).toEqual([
        'FOREIGN KEY (user_id) REFERENCES users(id)',
        'FOREIGN KEY (user_new) REFERENCES users(id)',
        'FOREIGN KEY (user_new) REFERENCES users(id_new)',
      ])
      for (const each of order) await db.rollback(each)
      expect(await keysOf('orders')).toEqual(['FOREIGN KEY (user_id) REFERENCES users(id)'])
      if (order[0] === key) await db.close()
    }
  })

  test('a foreign key of a table to itself, both of whose columns migrate, and one to a column that a merge copies', async () => {
    db = await ExpandedDatabase.open(
      major,
      `create table nodes (id int primary key, up int references nodes, a text, b text); insert into nodes select g, nullif(g - 1, 0) from generate_series(1, 9) g;
       create table logs (node int references nodes); insert into logs select g from generate_series(1, 9) g`,
    )
    const key = changeColumnType({ table: 'nodes', from: 'id', fromType: 'int4', to: 'key', type: 'int8' })
    const up = renameColumn({ table: 'nodes', from: 'up', to: 'parent' })
    const log = renameColumn({ table: 'logs', from: 'node', to: 'node_key' })
    const merge = mergeColumns({
      ...{ table: 'nodes', from: { a: 'text', b: 'text' }, to: 'ab', type: 'text' },
      ...{ forward: "a || ' ' || b", backward: { a: "split_part(ab, ' ', 1)", b: "split_part(ab, ' ', 2)" } },
    })
    const all = [up, merge, log, key]
    for (const each of all) await expandAndFill(db, each)
    for (const each of all) expect(await parity(each)).toEqual([])
    expect([...(await decide(key))].sort()).toEqual([
      'foreign key logs_node_fkey of public.logs',
      'foreign key nodes_up_fkey of public.nodes',
    ])
    expect(await decide(key)).toEqual([])
    expect(await keysOf('nodes')).toContain('FOREIGN KEY (parent) REFERENCES nodes(key)')
    expect(await keysOf('logs')).toContain('FOREIGN KEY (node_key) REFERENCES nodes(key)')
    for (const each of all) await db.rollback(each)
    expect([await keysOf('nodes'), await keysOf('logs')]).toEqual([
      ['FOREIGN KEY (up) REFERENCES nodes(id)'],
      ['FOREIGN KEY (node) REFERENCES nodes(id)'],
    ])
  })
})
