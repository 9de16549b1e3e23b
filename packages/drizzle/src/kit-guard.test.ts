import { runInThisContext } from 'node:vm'
import { createTableRelationsHelpers, extractTablesRelationalConfig, getTableColumns } from 'drizzle-orm'
import { alias, getTableConfig, getViewConfig, type PgColumn, pgTable, pgView, text } from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { migrating } from './migrating.ts'
import { migrationsOf } from './migrations-of.ts'
import { physicalTables } from './physical-tables.ts'

const users = pgTable('users', { name: migrating(text('name'), { to: text('full_name') }), mail: text() })

/** Calls `getSQLType` from a file of that name, as its own code would. */
const typeFrom = (file: string, column: unknown): string =>
  (runInThisContext('(column) => column.getSQLType()', { filename: file }) as (column: unknown) => string)(column)

const KIT = [
  '/app/node_modules/drizzle-kit/bin.cjs',
  '/app/node_modules/.pnpm/drizzle-kit@0.31.11/node_modules/drizzle-kit/api.js',
  'C:\\app\\node_modules\\drizzle-kit\\bin.cjs',
]

describe('drizzle-kit', () => {
  it.each(KIT)('in %s is stopped at a table of the application', (file) => {
    expect(() => typeFrom(file, users.name)).toThrow(/EC_DRIZZLE_KIT.*"users".*"name" is migrating.*physicalTables/su)
    expect(typeFrom(file, users.mail)).toBe('text')
  })

  it('may read the physical table, and a view of the application', () => {
    const names = pgView('names').as((query) => query.select({ name: users.name }).from(users))
    const columns: readonly PgColumn[] = getTableConfig(physicalTables({ users }).users).columns
    for (const column of [...columns, getViewConfig(names).selectedFields.name])
      expect(typeFrom('/app/node_modules/drizzle-kit/bin.cjs', column)).toBe('text')
  })
})

describe('the application', () => {
  it('may do what it likes, also in a folder called drizzle-kit', () => {
    for (const file of ['/app/src/main.js', '/srv/drizzle-kit/main.js', '/app/node_modules/drizzle-orm/index.js'])
      expect(typeFrom(file, users.name)).toBe('text')
    expect(getTableConfig(users).columns.map((column) => column.getSQLType())).toEqual(['text', 'text'])
    expect(alias(users, 'u').name.getSQLType()).toBe('text')
    expect(Object.keys(getTableColumns(users))).toEqual(['name', 'mail'])
    expect(extractTablesRelationalConfig({ users }, createTableRelationsHelpers).tables).toHaveProperty('users')
    expect(migrationsOf({ users })).toHaveLength(1)
  })

  it('may have schema files that collect their own migrations, which the kit loads as well', () => {
    const load = runInThisContext('(collect) => collect()', { filename: '/app/node_modules/drizzle-kit/bin.cjs' }) as (
      collect: () => unknown,
    ) => unknown
    expect(load(() => migrationsOf({ users }))).toHaveLength(1)
    expect(load(() => physicalTables({ users }))).toHaveProperty('users')
  })
})
