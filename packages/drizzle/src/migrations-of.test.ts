import { sql } from 'drizzle-orm'
import {
  alias,
  bigint,
  bigserial,
  char,
  customType,
  date,
  doublePrecision,
  geometry,
  integer,
  interval,
  jsonb,
  numeric,
  pgEnum,
  pgSchema,
  pgTable,
  pgTableCreator,
  serial,
  smallserial,
  text,
  time,
  timestamp,
  uuid,
  varchar,
  vector,
} from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { merging } from './merging.ts'
import { migrating } from './migrating.ts'
import { migrationsOf } from './migrations-of.ts'
import { splitting } from './splitting.ts'

const id = serial('id').primaryKey()

describe('migrationsOf', () => {
  it('takes names and types from both columns, and maps by a cast', () => {
    const users = pgTable('users', {
      id,
      name: migrating(varchar('name', { length: 100 }).notNull(), { to: text('full_name').notNull(), flag: 'name' }),
    })
    expect(migrationsOf({ users, other: 7 })).toEqual([
      {
        id: 'users.full_name',
        table: { schema: undefined, name: 'users' },
        old: [{ name: 'name', type: 'varchar(100)' }],
        new: [{ name: 'full_name', type: 'text' }],
        forward: { full_name: { kind: 'column', column: 'name' } },
        backward: { name: { kind: 'column', column: 'full_name' } },
        app: 'old',
        flag: 'name',
        constraints: {},
        after: undefined,
      },
    ])
  })

  it('hands on the mappings and every option', () => {
    const orders = pgTable('orders', {
      amount: migrating(integer('cents'), {
        to: numeric('amount', { precision: 12, scale: 2 }),
        forward: 'cents::numeric / 100',
        backward: '(amount * 100)::int',
        id: 'orders.money',
        constraints: { orders_cents_key: 'orders_amount_key' },
        after: '',
      }),
    })
    expect(migrationsOf({ orders })).toMatchObject([
      {
        id: 'orders.money',
        forward: { amount: { sql: 'cents::numeric / 100' } },
        backward: { cents: { sql: '(amount * 100)::int' } },
        constraints: { orders_cents_key: 'orders_amount_key' },
        after: '',
      },
    ])
  })

  it("has the new column in the table with app: 'new'", () => {
    const users = pgTable('users', {
      fullName: migrating(varchar('name', { length: 9 }), { to: text(), app: 'new' }),
    })
    expect(users.fullName.getSQLType()).toBe('text')
    expect(migrationsOf({ users }, { casing: 'snake_case' })).toMatchObject([
      { app: 'new', old: [{ name: 'name', type: 'varchar(9)' }], new: [{ name: 'full_name', type: 'text' }] },
    ])
  })

  it('splits and merges', () => {
    const users = pgTable('users', {
      name: splitting(text(), {
        to: { firstName: text(), last: text('last_name') },
        forward: { firstName: "split_part(name, ' ', 1)", last: "substr(name, strpos(name, ' ') + 1)" },
        backward: "concat_ws(' ', first_name, last_name)",
      }),
      ...merging(
        { day: date().notNull(), hourOfDay: time() },
        {
          to: timestamp('seen_at'),
          forward: 'day + hour_of_day',
          backward: { day: 'seen_at::date', hourOfDay: 'seen_at::time' },
          flag: 'seen',
        },
      ),
    })
    expect(migrationsOf({ users }, { casing: 'snake_case' })).toMatchObject([
      {
        id: 'users.first_name+last_name',
        old: [{ name: 'name', type: 'text' }],
        new: [
          { name: 'first_name', type: 'text' },
          { name: 'last_name', type: 'text' },
        ],
        forward: { first_name: { sql: "split_part(name, ' ', 1)" }, last_name: {} },
        backward: { name: { sql: "concat_ws(' ', first_name, last_name)" } },
      },
      {
        id: 'users.seen_at',
        flag: 'seen',
        old: [
          { name: 'day', type: 'date' },
          { name: 'hour_of_day', type: 'time' },
        ],
        forward: { seen_at: { sql: 'day + hour_of_day' } },
        backward: { day: { sql: 'seen_at::date' }, hour_of_day: { sql: 'seen_at::time' } },
      },
    ])
  })

  it('knows schemas, name prefixes, casing and strange names', () => {
    const table = pgTableCreator((name) => `shop_${name}`)
    const schema = {
      a: pgSchema('my.crm').table('Users "x"', { oldName: migrating(text(), { to: text('newName') }) }),
      b: table('users', { oldName: migrating(text(), { to: text('new_name') }) }),
    }
    expect(migrationsOf(schema, { casing: 'snake_case' })).toMatchObject([
      { table: { schema: 'my.crm', name: 'Users "x"' }, old: [{ name: 'old_name' }], new: [{ name: 'newName' }] },
      { table: { schema: undefined, name: 'shop_users' }, old: [{ name: 'old_name' }] },
    ])
    expect(migrationsOf(schema)).toMatchObject([{ old: [{ name: 'oldName' }] }, { old: [{ name: 'oldName' }] }])
  })

  it('takes a table once, and a group of columns in several tables', () => {
    const audit = { by: migrating(text('by'), { to: text('editor') }) }
    const posts = pgTable('posts', { id, ...audit })
    const notes = pgTable('notes', { id, ...audit })
    const schema = { posts, again: posts, aliased: alias(posts, 'p'), notes }
    expect(migrationsOf(schema).map((migration) => migration.id)).toEqual(['posts.editor', 'notes.editor'])
  })
})

const point = customType<{ data: string }>({ dataType: () => 'numeric(7, 3)' })
const mood = pgEnum('Mood', ['calm'])
const kind = pgSchema('crm').enum('kind', ['a'])

describe('types', () => {
  it.each([
    ['bigint', bigserial('a', { mode: 'number' })],
    ['integer', serial('a')],
    ['smallint', smallserial('a')],
    ['"Mood"', mood('a')],
    ['"Mood"[]', mood('a').array()],
    ['"crm"."kind"', kind('a')],
    ['"crm"."kind"[][3]', kind('a').array().array(3)],
    ['varchar(9)[]', varchar('a', { length: 9 }).array()],
    ['char(2)', char('a', { length: 2 })],
    ['double precision', doublePrecision('a')],
    ['timestamp (3) with time zone', timestamp('a', { precision: 3, withTimezone: true })],
    ['time(2)', time('a', { precision: 2 })],
    ['interval day to second(3)', interval('a', { fields: 'day to second', precision: 3 })],
    ['vector(3)', vector('a', { dimensions: 3 })],
    ['geometry(point)', geometry('a')],
    ['numeric(7, 3)', point('a')],
    ['jsonb', jsonb('a')],
    ['uuid', uuid('a').defaultRandom()],
  ])('%s is written as a cast takes it', (type, column) => {
    const things = pgTable('things', { a: migrating(column, { to: text('b') }) })
    expect(migrationsOf({ things })[0]?.old).toEqual([{ name: 'a', type }])
  })
})

describe('what is refused', () => {
  const column = { to: text('b') }
  it.each([
    [{}, 'EC_DRIZZLE_SCHEMA', 'has no tables'],
    [pgTable('t', { a: text() }), 'EC_DRIZZLE_SCHEMA', 'has no tables'],
    [
      { t: pgTable('t', { a: migrating(text(), { to: text() }) }) },
      'EC_DRIZZLE_COLUMN',
      'column "" of the table "t" has no name',
    ],
    [
      { t: pgTable('t', { a: migrating(text().generatedAlwaysAs(sql`'x'`), column) }) },
      'EC_DRIZZLE_COLUMN',
      '"a" of the table "t" is computed by PostgreSQL',
    ],
    [
      { t: pgTable('t', { a: migrating(text(), column), b: text() }) },
      'EC_DRIZZLE_COLUMN',
      'has "b" as a column of its own and as the other column',
    ],
    [
      {
        t: pgTable('t', {
          a: merging({ a: text(), c: text() }, { to: text('b'), forward: 'a || c', backward: { a: 'b', c: 'b' } }).a,
        }),
      },
      'EC_DRIZZLE_COLUMN',
      '"t" has not all columns of one migration: c is missing',
    ],
    [
      { t: pgTable('t', { a: migrating(text(), { ...column, forward: 'random()' }) }) },
      'EC_VOLATILE_MAPPING',
      'uses random',
    ],
  ])('case %#', (schema, code, message) => {
    expect(() => migrationsOf(schema as never)).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })

  it('sees a clash of names that casing brings about', () => {
    const t = pgTable('t', { a: migrating(text(), { to: bigint('full_name', { mode: 'number' }) }), fullName: text() })
    expect(() => migrationsOf({ t }, { casing: 'snake_case' })).toThrow(/EC_DRIZZLE_COLUMN.*"full_name"/u)
    expect(migrationsOf({ t })).toHaveLength(1)
  })
})
