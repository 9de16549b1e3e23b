import { eq, gt, sql } from 'drizzle-orm'
import type pg from 'pg'
import { memoryCache } from '../memory-cache.ts'
import { steps } from '../step.ts'

export const sessionSteps = steps('session', {
  'prepared statements with placeholders, run again and again': async ({ db, tables: { users, posts } }) => {
    const find = db
      .select({ name: users.name, cents: users.cents })
      .from(users)
      .where(gt(users.cents, sql.placeholder('least')))
      .orderBy(users.id)
      .limit(sql.placeholder('most'))
      .prepare('rich-users')
    const add = db
      .insert(posts)
      .values({ title: sql.placeholder('title'), authorId: sql.placeholder('author') })
      .returning()
      .prepare('add-post')
    const rename = db
      .update(users)
      .set({ name: sql`${sql.placeholder('name')}` })
      .where(eq(users.slug, sql.placeholder('slug')))
      .returning({ name: users.name })
      .prepare('rename-user')
    return [
      await find.execute({ least: 10, most: 2 }),
      await find.execute({ least: 1000, most: 9 }),
      await add.execute({ title: 'Prepared', author: 1 }),
      await add.execute({ title: 'Prepared again', author: 2 }),
      await rename.execute({ name: 'Émilie', slug: { slug: 'emile' } }),
      await find.execute({ least: 10, most: 2 }),
    ]
  },
  'a transaction that is committed, with a savepoint that is rolled back': ({ db, tables: { users } }) =>
    db.transaction(
      async (tx) => {
        await tx
          .update(users)
          .set({ cents: 1 })
          .where(eq(users.slug, { slug: 'fresh' }))
        const lost = await tx
          .transaction(async (nested) => {
            await nested
              .update(users)
              .set({ cents: 2, name: 'Lost' })
              .where(eq(users.slug, { slug: 'fresh' }))
            nested.rollback()
          })
          .catch((error: unknown) => String(error))
        await tx.transaction((nested) =>
          nested
            .update(users)
            .set({ age: 55 })
            .where(eq(users.slug, { slug: 'fresh' })),
        )
        return [
          lost,
          await tx
            .select({ name: users.name, cents: users.cents, age: users.age })
            .from(users)
            .where(eq(users.age, 55)),
        ]
      },
      { isolationLevel: 'repeatable read', accessMode: 'read write' },
    ),
  'a transaction that fails': async ({ db, tables: { users } }) => {
    const error = await db
      .transaction(async (tx) => {
        await tx.update(users).set({ name: 'Gone' })
        await tx.insert(users).values({ name: 'Twice', slug: { slug: 'ada' } })
      })
      .catch((cause: unknown) => ((cause as Error).cause as pg.DatabaseError).message)
    return [error, await db.select({ name: users.name }).from(users).where(eq(users.name, 'Gone'))]
  },
  'an error in a savepoint': ({ db, tables: { users } }) =>
    db.transaction(async (tx) => {
      await tx
        .update(users)
        .set({ mood: 'tired' })
        .where(eq(users.slug, { slug: 'fresh' }))
      await tx
        .transaction((nested) => nested.execute(sql`update ${users} set cents = 1 / 0`))
        .catch(() => 'rolled back to the savepoint')
      return tx
        .select({ mood: users.mood, cents: users.cents })
        .from(users)
        .where(eq(users.slug, { slug: 'fresh' }))
    }),
  'a client of the pool': ({ onOneConnection, tables: { users } }) =>
    onOneConnection(async (db) => {
      await db.transaction((tx) =>
        tx
          .update(users)
          .set({ age: 56 })
          .where(eq(users.slug, { slug: 'fresh' })),
      )
      return db.query.users.findFirst({ where: eq(users.age, 56), with: { posts: true } })
    }),
  'execute with sql, rows as objects': ({ execute, tables: { users } }) =>
    execute(sql`select * from ${users} where ${users.name} like ${'%a%'} order by ${users.id}`),
  'execute with text': async ({ execute }) => {
    const { rows } = await execute(
      'select mood, sum(cents) as cents, max(age) as age from users group by mood order by mood',
    )
    return rows
  },
  'execute of writes': async ({ execute, tables: { users } }) => {
    const { rows, rowCount } = await execute(
      sql`update ${users} set name = name || ${'+'}, cents = cents * 2 where slug = ${'fresh'} returning name, cents, *`,
    )
    return { rows, rowCount }
  },
  'sql with its own aliases, json and arrays': async ({ execute, tables: { users, posts } }) => {
    const { rows } = await execute(sql`
      select u.name, to_json(u.tags) as tags, u.settings -> 'theme' as theme, count(p.title) filter (where p.title <> ${'B'}) as posts,
        jsonb_object_agg(coalesce(p.title, '-'), p.author_id) as authors
      from ${users} u left join ${posts} p on p.author_id = u.id
      group by u.id order by u.name`)
    return rows
  },
  'a cache, filled, hit and emptied by a write': async ({ another, tables: { users, posts } }) => {
    const cache = memoryCache()
    const db = another({ cache })
    const read = () => db.select({ title: posts.title, author: posts.authorId }).from(posts).orderBy(posts.id)
    const before = [await read(), await read()]
    await db.update(posts).set({ title: 'Cached' }).where(eq(posts.views, 10))
    const joined = await db
      .select({ name: users.name, title: posts.title })
      .from(posts)
      .innerJoin(users, eq(users.id, posts.authorId))
      .orderBy(posts.id)
      .$withCache()
    return { before, after: await read(), joined, events: cache.events }
  },
  'create table as': async ({ db, execute, tables: { users } }) => {
    await db.execute(
      sql`create table tired as select ${users.id}, ${users.name} from ${users} where ${users.mood} = 'tired'`,
    )
    const { rows } = await execute(sql`select * from tired order by id`)
    await db.execute(sql`drop table tired`)
    return rows
  },
  'statements at once': ({ db, tables: { users, posts } }) =>
    Promise.all([
      db.select({ name: users.name }).from(users).orderBy(users.id),
      db.select({ title: posts.title }).from(posts).orderBy(posts.id),
      db.$count(users),
      db.query.posts.findMany({ with: { author: { columns: { name: true } } }, orderBy: ({ id }) => id }),
    ]),
  'a client of its own': ({ onOwnClient, tables: { users } }) =>
    onOwnClient(async (db) => {
      await db
        .update(users)
        .set({ age: 57 })
        .where(eq(users.slug, { slug: 'fresh' }))
      return db.select().from(users).where(eq(users.age, 57))
    }),
})

export const finalSteps = steps('in the end', {
  users: ({ db, tables: { users } }) => db.select().from(users).orderBy(users.id),
  posts: ({ db, tables: { posts } }) => db.select().from(posts).orderBy(posts.id),
  accounts: ({ db, tables: { accounts } }) => db.select().from(accounts).orderBy(accounts.label),
})
