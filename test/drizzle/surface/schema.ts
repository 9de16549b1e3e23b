import type { migrating } from '@expand-contract/drizzle'
import { relations, sql } from 'drizzle-orm'
import {
  bigint,
  customType,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgSchema,
  pgTable,
  pgView,
  serial,
  text,
  timestamp,
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

  return { users, posts, comments, accounts, names, usersRelations, postsRelations, commentsRelations }
}

export type Tables = ReturnType<typeof tables>
