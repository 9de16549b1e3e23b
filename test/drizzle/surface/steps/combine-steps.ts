import { aliasedTable, and, asc, desc, eq, gt, lt, ne, sql } from 'drizzle-orm'
import { alias, except, intersect, union, unionAll } from 'drizzle-orm/pg-core'
import { steps } from '../step.ts'

export const combineSteps = steps('combine', {
  'inner join on migrating columns': ({ db, tables: { users, posts } }) =>
    db.select().from(posts).innerJoin(users, eq(posts.authorId, users.id)).orderBy(posts.id),
  'left, right and full joins': async ({ db, tables: { users, posts } }) => {
    const columns = { title: posts.title, name: users.name }
    const on = and(eq(posts.authorId, users.id), eq(users.mood, 'calm'))
    return [
      await db.select(columns).from(posts).leftJoin(users, on).orderBy(posts.id),
      await db.select(columns).from(posts).rightJoin(users, on).orderBy(users.id),
      await db.select(columns).from(posts).fullJoin(users, on).orderBy(users.name, posts.title),
    ]
  },
  'cross join': ({ db, tables: { users, accounts } }) =>
    db
      .select({ name: users.name, number: accounts.number })
      .from(users)
      .crossJoin(accounts)
      .orderBy(users.name, desc(accounts.number)),
  'the table with itself, by alias': ({ db, tables: { users } }) => {
    const manager = alias(users, 'manager')
    const peer = aliasedTable(users, 'peer')
    return db
      .select({
        who: users.name,
        by: manager.name,
        peer: peer.name,
        cents: sql<number>`${peer.cents} - ${users.cents}`,
      })
      .from(users)
      .innerJoin(manager, eq(users.managerId, manager.id))
      .leftJoin(peer, and(eq(peer.age, users.age), ne(peer.id, users.id)))
      .orderBy(users.id, peer.id)
  },
  'lateral join': ({ db, tables: { users, posts } }) => {
    const best = db
      .select({ title: posts.title, views: posts.views })
      .from(posts)
      .where(eq(posts.authorId, users.id))
      .orderBy(desc(posts.views))
      .limit(1)
      .as('best')
    return db
      .select({ name: users.name, title: best.title })
      .from(users)
      .leftJoinLateral(best, sql`true`)
      .orderBy(users.id)
  },
  'sub-query in from': ({ db, tables: { users } }) => {
    const rich = db
      .select({ id: users.id, name: users.name, euros: sql<number>`${users.cents} / 100`.as('euros') })
      .from(users)
      .where(gt(users.cents, 500))
      .as('rich')
    return db.select({ name: rich.name, euros: rich.euros }).from(rich).where(gt(rich.euros, 5)).orderBy(rich.name)
  },
  'sub-query of every column': ({ db, tables: { users, posts } }) => {
    const some = db.select().from(users).where(lt(users.cents, 2000)).as('some')
    return db
      .select({ name: some.name, mood: some.mood, tags: some.tags, slug: some.slug, title: posts.title })
      .from(some)
      .leftJoin(posts, eq(posts.authorId, some.id))
      .orderBy(some.id, posts.id)
  },
  'sub-query as a value': ({ db, tables: { users, posts } }) => {
    const titles = db
      .select({ list: sql`json_agg(${posts.title} order by ${posts.id})` })
      .from(posts)
      .where(eq(posts.authorId, users.id))
    return db
      .select({ name: users.name, titles: sql<string[]>`(${titles})` })
      .from(users)
      .where(gt(users.age, db.select({ age: sql<number>`avg(${users.age})::int` }).from(users)))
      .orderBy(users.id)
  },
  $with: ({ db, tables: { users, posts } }) => {
    const calm = db.$with('calm').as(db.select().from(users).where(eq(users.mood, 'calm')))
    const written = db.$with('written').as(
      db
        .select({ author: posts.authorId, n: sql<number>`count(*)::int`.as('n') })
        .from(posts)
        .groupBy(posts.authorId),
    )
    return db
      .with(calm, written)
      .select({ name: calm.name, cents: calm.cents, n: written.n })
      .from(calm)
      .leftJoin(written, eq(written.author, calm.id))
      .orderBy(asc(calm.name))
  },
  '$with of an update': ({ db, tables: { posts } }) => {
    const touched = db.$with('touched').as(
      db
        .update(posts)
        .set({ title: sql`${posts.title} || '!'` })
        .where(eq(posts.views, 3))
        .returning({ id: posts.id, title: posts.title, author: posts.authorId }),
    )
    return db.with(touched).select().from(touched)
  },
  '$with into an insert': ({ db, tables: { users, posts } }) => {
    const oldest = db.$with('oldest').as(db.select({ id: users.id }).from(users).where(eq(users.name, 'Grace')))
    return db
      .with(oldest)
      .insert(posts)
      .values({ title: 'From a CTE', authorId: sql`(select id from ${oldest})` })
      .returning()
  },
  'union, union all, intersect, except': async ({ db, tables: { users, posts } }) => [
    await union(db.select({ text: users.name }).from(users), db.select({ text: posts.title }).from(posts)).orderBy(
      sql`text`,
    ),
    await unionAll(
      db.select({ a: users.mood, b: users.cents }).from(users).where(eq(users.age, 21)),
      db.select({ a: users.mood, b: users.cents }).from(users),
    )
      .orderBy(sql`b`, sql`a`)
      .limit(4),
    await intersect(
      db.select({ id: users.managerId }).from(users),
      db.select({ id: posts.authorId }).from(posts),
    ).orderBy(sql`1`),
    await except(db.select({ id: users.id }).from(users), db.select({ id: posts.authorId }).from(posts)),
    await db
      .select({ name: users.name })
      .from(users)
      .where(eq(users.mood, 'tired'))
      .union(db.select({ name: users.name }).from(users).where(eq(users.age, 21)))
      .orderBy(users.name),
  ],
})
