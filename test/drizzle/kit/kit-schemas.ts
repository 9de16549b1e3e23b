const IMPORTS = `
import { migrating, splitting } from '@expand-contract/drizzle'
import { sql } from 'drizzle-orm'
import { bigint, check, index, integer, numeric, pgEnum, pgSchema, pgTable, pgView, serial, text, unique, uniqueIndex, varchar } from 'drizzle-orm/pg-core'
`

const OTHERS = `
export const mood = pgEnum('mood', ['calm', 'tired'])
export const crm = pgSchema('crm')
`

const VIEW = `
export const names = pgView('names').as((qb) => qb.select({ id: users.id, mail: users.mail, name: users.name }).from(users))
`

/** Before: nothing migrates. No constraint has two columns: drizzle-kit reads them in no order, and makes such a constraint anew by chance. */
export const BEFORE = `${IMPORTS}${OTHERS}
export const users = pgTable('users', {
  id: serial().primaryKey(),
  name: varchar({ length: 100 }).notNull(),
  mail: varchar({ length: 100 }).notNull(),
  teamId: integer(),
}, (table) => [
  index('users_name_idx').on(table.name),
  check('users_name_given', sql\`\${table.name} <> ''\`),
  unique('users_team_once').on(table.teamId),
])
export const orders = crm.table('orders', {
  id: serial().primaryKey(),
  cents: integer().notNull().default(0),
  mood: mood(),
  userId: integer().notNull().references(() => users.id),
})
${VIEW}`

/** Stages 1 to 3: the columns are wrapped, and nothing else is touched. */
export const MIGRATING = `${IMPORTS}${OTHERS}
export const users = pgTable('users', {
  id: serial().primaryKey(),
  name: splitting(varchar({ length: 100 }).notNull(), {
    to: { firstName: text().notNull(), last: text('last_name').notNull() },
    forward: { firstName: "split_part(name, ' ', 1)", last: "substr(name, strpos(name, ' ') + 1)" },
    backward: "concat_ws(' ', first_name, last_name)",
    extra: ({ firstName, last }, table) => [uniqueIndex('users_names_idx').on(firstName, last.desc(), table.id)],
  }),
  mail: varchar({ length: 100 }).notNull(),
  teamId: migrating(integer(), { to: bigint('team', { mode: 'number' }), extra: (team) => [index('users_team_idx').on(team)] }),
}, (table) => [
  index('users_name_idx').on(table.name),
  check('users_name_given', sql\`\${table.name} <> ''\`),
  unique('users_team_once').on(table.teamId),
])
export const orders = crm.table('orders', {
  id: serial().primaryKey(),
  cents: migrating(integer().notNull().default(0), {
    to: numeric('amount', { precision: 12, scale: 2 }).notNull().default('0'),
    forward: 'cents::numeric / 100',
    backward: '(amount * 100)::int',
  }),
  mood: migrating(mood(), { to: text('mood_text').unique() }),
  userId: migrating(integer().notNull().references(() => users.id), {
    to: bigint('user_big', { mode: 'number' }).notNull().references(() => users.id),
  }),
})
${VIEW}`

/** Stage 4: the wrapped columns are replaced by the new ones. */
export const AFTER = `${IMPORTS}${OTHERS}
export const users = pgTable('users', {
  id: serial().primaryKey(),
  firstName: text().notNull(),
  last: text('last_name').notNull(),
  mail: varchar({ length: 100 }).notNull(),
  teamId: bigint('team', { mode: 'number' }),
}, (table) => [
  uniqueIndex('users_names_idx').on(table.firstName, table.last.desc(), table.id),
  index('users_team_idx').on(table.teamId),
  unique('users_big_team_once').on(table.teamId),
])
export const orders = crm.table('orders', {
  id: serial().primaryKey(),
  amount: numeric({ precision: 12, scale: 2 }).notNull().default('0'),
  mood: text('mood_text').unique(),
  userId: bigint('user_big', { mode: 'number' }).notNull().references(() => users.id),
})
${VIEW.replace('users.name', 'users.last')}`

/** The file that drizzle-kit is to read. */
export const KIT = `
import { physicalTables } from '@expand-contract/drizzle'
import * as schema from './schema.ts'

export * from './schema.ts'
export const { users, orders } = physicalTables(schema)
`

/** The same for a project that would rather not name its tables. */
export const KIT_CJS = `
module.exports = require('@expand-contract/drizzle').physicalTables(require('./schema.ts'))
`

/** The mistake that drops a column: a table is left as the application has it. */
export const KIT_FORGETS = KIT.replace('users, orders', 'users')
