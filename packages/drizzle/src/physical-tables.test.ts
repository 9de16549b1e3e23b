import { getTableColumns, is, relations, sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  check,
  foreignKey,
  getTableConfig,
  index,
  integer,
  PgTable,
  pgSchema,
  pgTable,
  primaryKey,
  serial,
  text,
  unique,
  varchar,
} from 'drizzle-orm/pg-core'
import { describe, expect, it } from 'vitest'
import { migrating } from './migrating.ts'
import { physicalTables } from './physical-tables.ts'

const teams = pgTable('teams', { id: serial().primaryKey() })
const users = pgSchema('crm').table(
  'users',
  {
    id: migrating(serial().primaryKey(), { to: bigserial('id_big', { mode: 'number' }).primaryKey() }),
    name: migrating(varchar({ length: 9 }).notNull().unique(), {
      to: text('full_name').notNull().default('x').unique(),
      extra: (column, table) => [
        index('by_full_name').on(column.desc()),
        unique('by_both').on(column, table.team ?? column),
      ],
    }),
    team: migrating(
      integer().references(() => teams.id),
      { to: bigint('team_big', { mode: 'number' }).references(() => teams.id) },
    ),
    plain: text(),
  },
  (table) => [index('by_name').on(table.name)],
)

describe('physicalTables', () => {
  const teamsRelations = relations(teams, ({ many }) => ({ users: many(users) }))
  const schema = { users, teams, teamsRelations, answer: 42 }
  const physical = physicalTables(schema)
  const config = getTableConfig(physical.users)

  it('hands back what does not migrate', () => {
    expect(physical).toMatchObject({ answer: 42 })
    expect(physical.teams).toBe(teams)
    expect(physical.teamsRelations).toBe(teamsRelations)
    expect(is(physical.users, PgTable)).toBe(true)
  })

  it('has both columns of every migration, and leaves the tables of the application alone', () => {
    expect(config.columns.map(({ name }) => name)).toEqual([
      'id',
      'name',
      'team',
      'plain',
      'id_big',
      'full_name',
      'team_big',
    ])
    expect(config).toMatchObject({ name: 'users', schema: 'crm' })
    expect(Object.keys(getTableColumns(users))).toEqual(['id', 'name', 'team', 'plain'])
    expect(getTableConfig(users).indexes).toHaveLength(1)
  })

  it('adds the new column as nullable and without default, key or sequence', () => {
    const [id, name] = config.columns.slice(4)
    expect(id).toMatchObject({ name: 'id_big', notNull: false, primary: false, hasDefault: false })
    expect(id?.getSQLType()).toBe('bigint')
    expect(name).toMatchObject({ notNull: false, hasDefault: false, default: undefined, isUnique: true })
    expect(name?.uniqueName).toBe('users_full_name_unique')
  })

  it('leaves the old column as it is', () => {
    const [id, name] = config.columns
    expect(id).toMatchObject({ primary: true, notNull: true })
    expect(id?.getSQLType()).toBe('serial')
    expect(name).toMatchObject({ notNull: true, isUnique: true, uniqueName: 'users_name_unique' })
  })

  it('has the indexes, constraints and references of both', () => {
    expect(config.indexes.map((each) => each.config.name)).toEqual(['by_name', 'by_full_name'])
    expect(config.uniqueConstraints.map(({ name, columns }) => [name, columns.map((column) => column.name)])).toEqual([
      ['by_both', ['full_name', 'team']],
    ])
    expect(config.foreignKeys.map((key) => key.getName())).toEqual([
      'users_team_teams_id_fk',
      'users_team_big_teams_id_fk',
    ])
  })

  it("adds the column of the table, and keeps the other, with app: 'new'", () => {
    const notes = pgTable('notes', {
      text: migrating(varchar('body', { length: 9 }).notNull(), { to: text().notNull(), app: 'new' }),
    })
    const [added, old] = getTableConfig(physicalTables({ notes }).notes).columns
    expect(added).toMatchObject({ name: 'text', notNull: false })
    expect(old).toMatchObject({ name: 'body', notNull: true })
    expect(notes.text.notNull).toBe(true)
  })

  it('keeps what the table itself puts on a migrating column', () => {
    const seats = pgTable(
      'seats',
      {
        event: integer(),
        seat: migrating(varchar({ length: 9 }), { to: text('seat_text').notNull() }),
        team: migrating(integer(), { to: bigint('team_big', { mode: 'number' }) }),
      },
      (table) => [
        primaryKey({ columns: [table.event, table.seat] }),
        foreignKey({ columns: [table.team], foreignColumns: [teams.id] }),
        check('seat_given', sql`${table.seat} <> ''`),
      ],
    )
    const { primaryKeys, foreignKeys, checks } = getTableConfig(physicalTables({ seats }).seats)
    expect(primaryKeys.map(({ columns }) => columns.map(({ name }) => name))).toEqual([['event', 'seat']])
    expect(foreignKeys.map((key) => key.getName())).toEqual(['seats_team_teams_id_fk'])
    expect(checks.map(({ name }) => name)).toEqual(['seat_given'])
  })

  it('refuses what is no schema', () => {
    expect(() => physicalTables({ users: 1 })).toThrow(/EC_DRIZZLE_SCHEMA/u)
  })
})

it("finds the parts of Drizzle's tables where it looks for them", () => {
  const symbols = Object.getOwnPropertySymbols(teams).map((symbol) => Symbol.keyFor(symbol))
  expect(symbols).toEqual(
    expect.arrayContaining(['drizzle:Columns', 'drizzle:PgInlineForeignKeys', 'drizzle:ExtraConfigBuilder']),
  )
})
