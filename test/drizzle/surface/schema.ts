import type { migrating } from '@expand-contract/drizzle'
import { relations, sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgMaterializedView,
  pgSchema,
  pgTable,
  pgView,
  primaryKey,
  serial,
  text,
  timestamp,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core'

export interface Settings {
  readonly theme: string
  readonly size?: number
}

/** A type of the application's own: an object there, text in the database. */
const slug = customType<{ data: { readonly slug: string }; driverData: string }>({
  dataType: () => 'varchar(40)',
  toDriver: ({ slug: value }) => value.toLowerCase(),
  fromDriver: (value) => ({ slug: value }),
})

const mood = pgEnum('mood', ['calm', 'cheerful', 'tired'])
const crm = pgSchema('crm')

/**
 * The application's tables, with columns wrapped by `migrating`, or by what hands the column back as it is: the untouched
 * twin. Half of the names come from `casing: 'snake_case'`.
 */
export function tables(declare: typeof migrating) {
  const users = pgTable('users', {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    name: declare(varchar({ length: 40 }).notNull(), { to: text('full_name').notNull(), after: 'id', flag: 'name' }),
    age: declare(integer().default(18), {
      to: bigint('age_big', { mode: 'number' }).default(18),
      after: 'name',
      flag: 'age',
    }),
    cents: declare(integer().notNull().default(0), {
      to: numeric('balance', { precision: 12, scale: 2 }).notNull().default('0'),
      forward: 'cents::numeric / 100',
      backward: '(balance * 100)::int',
      after: 'age',
      flag: 'balance',
    }),
    mood: declare(mood().notNull().default('calm'), {
      to: text('mood_text').notNull().default('calm'),
      after: 'cents',
      flag: 'mood',
    }),
    tags: declare(text().array().notNull().default([]), {
      to: text('labels').array().notNull(),
      after: 'mood',
      flag: 'labels',
    }),
    settings: declare(jsonb().$type<Settings>(), {
      to: jsonb('preferences').$type<Settings>(),
      after: 'tags',
      flag: 'preferences',
    }),
    slug: declare(slug().unique(), {
      to: text('handle').unique(),
      after: 'settings',
      flag: 'handle',
      constraints: { users_slug_unique: 'users_handle_unique' },
    }),
    managerId: declare(integer(), { to: bigint('manager_big', { mode: 'number' }), after: 'slug', flag: 'manager' }),
    createdAt: timestamp().notNull().default(sql`timestamp '2024-01-01 12:00'`),
  })

  const posts = pgTable('posts', {
    id: serial().primaryKey(),
    title: declare(varchar({ length: 30 }).notNull(), {
      to: text('headline').notNull(),
      after: 'id',
      flag: 'headline',
    }),
    authorId: declare(
      integer()
        .notNull()
        .references(() => users.id),
      {
        to: bigint('author_big', { mode: 'number' }).notNull(),
        after: 'title',
        flag: 'author',
        constraints: { posts_author_id_fkey: 'posts_author_big_fkey' },
      },
    ),
    views: integer().notNull().default(0),
  })

  /** Nothing migrates here. */
  const comments = pgTable('comments', {
    id: serial().primaryKey(),
    postId: integer().notNull(),
    body: text().notNull(),
  })

  const accounts = crm.table('accounts', {
    number: declare(integer().primaryKey().generatedByDefaultAsIdentity(), {
      to: bigint('account_no', { mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
      flag: 'account',
    }),
    label: text().notNull(),
  })

  /** Values that the application draws, modes of Drizzle's types, and a key of which a part migrates. */
  const parts = pgTable(
    'parts',
    {
      site: integer().notNull(),
      code: declare(
        text()
          .notNull()
          .$defaultFn(() => 'made'),
        { to: varchar('part_code', { length: 20 }).notNull(), after: 'site', flag: 'part-code' },
      ),
      uid: declare(uuid().notNull().defaultRandom(), {
        to: text('uid_text').notNull(),
        after: 'code',
        flag: 'part-uid',
      }),
      touched: declare(
        timestamp({ mode: 'string' })
          .$type<`${number}-${string}`>()
          .$onUpdate(() => '2024-02-02 10:00:00'),
        { to: timestamp('touched_at', { mode: 'string' }), after: 'uid', flag: 'part-touched' },
      ),
      weight: declare(numeric({ precision: 10, scale: 2, mode: 'number' }), {
        to: doublePrecision('grams'),
        after: 'touched',
        flag: 'part-grams',
      }),
      units: declare(numeric({ precision: 30, mode: 'bigint' }).notNull().default(7n), {
        to: numeric('pieces', { precision: 40, mode: 'bigint' }).notNull().default(7n),
        after: 'weight',
        flag: 'part-pieces',
      }),
      day: declare(date({ mode: 'date' }), { to: date('made_on', { mode: 'date' }), after: 'units', flag: 'part-day' }),
      active: declare(boolean().notNull().default(false), {
        to: integer('level').notNull().default(0),
        forward: 'active::int',
        backward: 'level::boolean',
        after: 'day',
        flag: 'part-level',
      }),
      loud: text().generatedAlwaysAs(sql`'site ' || site`),
    },
    (table) => [primaryKey({ columns: [table.site, table.code] })],
  )

  const richUsers = pgMaterializedView('rich_users', {
    id: integer(),
    name: varchar({ length: 40 }),
    cents: integer(),
  }).existing()

  const names = pgView('user_names', { id: integer(), name: varchar({ length: 40 }) }).existing()

  const usersRelations = relations(users, ({ many, one }) => ({
    posts: many(posts),
    manager: one(users, { fields: [users.managerId], references: [users.id] }),
  }))
  const postsRelations = relations(posts, ({ many, one }) => ({
    author: one(users, { fields: [posts.authorId], references: [users.id] }),
    comments: many(comments),
  }))
  const commentsRelations = relations(comments, ({ one }) => ({
    post: one(posts, { fields: [comments.postId], references: [posts.id] }),
  }))

  return {
    users,
    posts,
    comments,
    accounts,
    parts,
    richUsers,
    names,
    usersRelations,
    postsRelations,
    commentsRelations,
  }
}

export type Tables = ReturnType<typeof tables>
