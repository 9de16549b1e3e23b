import {
  bigint,
  integer,
  jsonb,
  type PgColumnBuilderBase,
  pgEnum,
  pgTable,
  serial,
  text,
  timestamp,
  varchar,
} from 'drizzle-orm/pg-core'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { merging } from './merging.ts'
import { migrating } from './migrating.ts'
import type { MigratingBuilder } from './migrating-builder.ts'
import { migrationsOf } from './migrations-of.ts'
import { splitting } from './splitting.ts'

interface Settings {
  readonly theme: string
}

const mood = pgEnum('mood', ['calm', 'tired'])

const plain = pgTable('users', {
  id: serial().primaryKey(),
  name: varchar('user_name', { length: 100 }).notNull(),
  age: integer().default(18),
  mood: mood().notNull(),
  tags: text().array().notNull().default([]),
  settings: jsonb().$type<Settings>(),
  number: integer().generatedAlwaysAsIdentity(),
  made: timestamp({ mode: 'string' })
    .notNull()
    .$defaultFn(() => '2024-01-01'),
})

const wrapped = pgTable('users', {
  id: migrating(serial().primaryKey(), { to: bigint('id_big', { mode: 'bigint' }) }),
  name: migrating(varchar('user_name', { length: 100 }).notNull(), { to: text('full_name') }),
  age: migrating(integer().default(18), { to: bigint('age_big', { mode: 'number' }) }),
  mood: migrating(mood().notNull(), { to: text('mood_text') }),
  tags: migrating(text().array().notNull().default([]), { to: text('labels').array() }),
  settings: migrating(jsonb().$type<Settings>(), { to: jsonb('preferences') }),
  number: splitting(integer().generatedAlwaysAsIdentity(), {
    to: { high: integer(), low: integer() },
    forward: { high: 'number / 100', low: 'number % 100' },
    backward: 'high * 100 + low',
  }),
  ...merging(
    {
      made: timestamp({ mode: 'string' })
        .notNull()
        .$defaultFn(() => '2024-01-01'),
    },
    {
      to: timestamp('made_at'),
      forward: 'made',
      backward: { made: 'made_at' },
    },
  ),
})

describe('types', () => {
  it('of rows are those of the columns without migrating', () => {
    expectTypeOf<typeof wrapped.$inferSelect>().toEqualTypeOf<typeof plain.$inferSelect>()
    expectTypeOf<typeof wrapped.$inferInsert>().toEqualTypeOf<typeof plain.$inferInsert>()
    expectTypeOf<typeof wrapped>().toEqualTypeOf<typeof plain>()
    expect(Object.keys(wrapped)).toEqual(Object.keys(plain))
  })

  it("of rows are those of `to` with app: 'new'", () => {
    const users = pgTable('users', {
      fullName: migrating(varchar('name', { length: 9 }), { to: text('full_name').notNull(), app: 'new' }),
      age: migrating(integer('age'), { to: text('years'), app: 'old' }),
    })
    expectTypeOf<typeof users.$inferSelect>().toEqualTypeOf<{ fullName: string; age: number | null }>()
    expect(migrationsOf({ users }).map(({ app }) => app)).toEqual(['new', 'old'])
  })

  it('are what pgTable takes, and no more', () => {
    const column = migrating(text(), { to: text('b') })
    expectTypeOf(column).toExtend<PgColumnBuilderBase>()
    expectTypeOf<keyof typeof column>().toEqualTypeOf<'_'>()
    expectTypeOf<MigratingBuilder<ReturnType<typeof text>>>().toExtend<PgColumnBuilderBase>()
    expect(column).toBeDefined()
  })
})

describe('misuse', () => {
  it('does not compile, and is refused where it runs', () => {
    const to = text('b')
    // @ts-expect-error: the new column is missing
    expect(() => migrating(text(), {})).toThrow(/EC_DRIZZLE_BUILDER.*`to` of migrating/u)
    // @ts-expect-error: a name is not a column
    expect(() => migrating(text(), { to: 'b' })).toThrow(/EC_DRIZZLE_BUILDER/u)
    // @ts-expect-error: a built column is not a column builder
    expect(() => migrating(plain.name, { to })).toThrow(/EC_DRIZZLE_BUILDER.*column of migrating/u)
    // @ts-expect-error: migrating is outermost
    expect(() => migrating(text(), { to }).array()).toThrow(/EC_DRIZZLE_BUILDER.*array\(\)/u)
    // @ts-expect-error: migrating is outermost
    expect(migrating(text(), { to }).notNull).toBeTypeOf('function')
    // @ts-expect-error: nothing to split into
    expect(() => splitting(text(), { to: {}, forward: {}, backward: '', nothing: 1 })).toThrow(/EC_DRIZZLE_BUILDER/u)
    // @ts-expect-error: every new column has a mapping
    splitting(text(), { to: { a: text(), b: text() }, forward: { a: 'x' }, backward: 'a' })
    // @ts-expect-error: no other column has a mapping
    merging({ a: text() }, { to, forward: 'a', backward: { a: 'b', c: 'b' } })
    // @ts-expect-error: the table is the one that the column stands in
    migrating(text(), { to, table: 'users' })
    // @ts-expect-error: a side is 'old' or 'new'
    migrating(text(), { to, app: 'both' })
  })
})
