import { and, eq, gt, gte, inArray, isNull, lt, sql } from 'drizzle-orm'
import { steps } from '../step.ts'

export const insertSteps = steps('insert', {
  'one row': ({ db, tables: { users } }) => db.insert(users).values({ name: 'Margaret', slug: { slug: 'Margaret' } }),
  'many rows with everything, returning every column': ({ db, tables: { users } }) =>
    db
      .insert(users)
      .values([
        {
          name: 'Edsger',
          age: 40,
          cents: 4250,
          mood: 'tired',
          tags: ['paths', 'a,b', '"q"'],
          settings: { theme: 'none', size: 7 },
          slug: { slug: 'EDSGER' },
          managerId: 1,
        },
        { name: 'Tony', age: null, settings: null, tags: [] },
      ])
      .returning(),
  'defaults for all but one': ({ db, tables: { users } }) => db.insert(users).values({ name: 'Defaulted' }).returning(),
  'expressions as values': ({ db, tables: { users } }) =>
    db
      .insert(users)
      .values({ name: sql`upper(${'frances'})`, age: sql`20 + ${2}::int`, cents: sql`${'3'}::int * 7` })
      .returning({ name: users.name, age: users.age, cents: users.cents }),
  'returning expressions': ({ db, tables: { posts } }) =>
    db
      .insert(posts)
      .values([
        { title: 'A', authorId: 1 },
        { title: 'B', authorId: 2, views: 4 },
      ])
      .returning({ id: posts.id, shout: sql<string>`lower(${posts.title})`, author: posts.authorId }),
  'from a select': ({ db, tables: { users, posts } }) =>
    db
      .insert(posts)
      .select(
        db
          .select({
            id: sql<number>`nextval('posts_id_seq')::int`.as('id'),
            title: sql<string>`'by ' || ${users.name}`.as('title'),
            authorId: users.id,
            views: users.cents,
          })
          .from(users)
          .where(eq(users.age, 21))
          .orderBy(users.id),
      )
      .returning(),
  'from a select of its own columns': ({ db, tables: { users } }) =>
    db
      .insert(users)
      .overridingSystemValue()
      .select(sql`select nextval('users_id_seq') + 100, 'Copy of ' || ${users.name}, ${users.age}, ${users.cents}, ${users.mood},
        ${users.tags}, ${users.settings}, null, ${users.managerId}, ${users.createdAt} from ${users} where ${eq(users.name, 'Ada')}`)
      .returning({ name: users.name, cents: users.cents }),
  'on conflict do nothing, by target and without': async ({ db, tables: { users } }) => [
    await db
      .insert(users)
      .values({ name: 'Again', slug: { slug: 'ada' } })
      .onConflictDoNothing({ target: users.slug })
      .returning(),
    await db
      .insert(users)
      .values([
        { name: 'Again', slug: { slug: 'ada' } },
        { name: 'Fresh', slug: { slug: 'fresh' } },
      ])
      .onConflictDoNothing()
      .returning({ name: users.name }),
  ],
  'on conflict do update, with excluded and a condition': async ({ db, tables: { users } }) => [
    await db
      .insert(users)
      .values({ name: 'Ada II', cents: 5, slug: { slug: 'ada' } })
      .onConflictDoUpdate({
        target: users.slug,
        set: { name: sql`excluded.name`, cents: sql`${users.cents} + excluded.cents` },
      })
      .returning({ id: users.id, name: users.name, cents: users.cents }),
    await db
      .insert(users)
      .values({ name: 'Grace II', slug: { slug: 'grace' } })
      .onConflictDoUpdate({ target: users.slug, set: { name: 'changed' }, setWhere: gt(users.cents, 100000) })
      .returning(),
  ],
  'on conflict by a key in another schema': async ({ db, tables: { accounts } }) =>
    db
      .insert(accounts)
      .values([
        { number: 1, label: 'renamed' },
        { number: 50, label: 'new' },
      ])
      .onConflictDoUpdate({ target: accounts.number, set: { label: sql`excluded.label` } })
      .returning(),
  'a number that the database draws': ({ db, tables: { accounts } }) =>
    db.insert(accounts).values({ label: 'drawn' }).returning(),
  'a unique violation': ({ db, tables: { users } }) =>
    db.insert(users).values({ name: 'Twice', slug: { slug: 'linus' } }),
  'a null where none may be': ({ db, tables: { users } }) =>
    db
      .insert(users)
      .values({ name: null as unknown as string })
      .returning(),
  'a text that is too long': ({ db, tables: { users } }) => db.insert(users).values({ name: 'x'.repeat(41) }),
  'a foreign key that leads nowhere': ({ db, tables: { posts } }) =>
    db.insert(posts).values({ title: 'Orphan', authorId: 999 }),
  'a number that is too large': ({ db, tables: { users } }) =>
    db.insert(users).values({ name: 'Big', age: 3_000_000_000 }),
})

export const updateSteps = steps('update', {
  'set values, returning every column': ({ db, tables: { users } }) =>
    db
      .update(users)
      .set({ name: 'Linus B.', age: 22, mood: 'calm', tags: ['kernel'], settings: { theme: 'x' } })
      .where(eq(users.name, 'Linus'))
      .returning(),
  'set expressions of migrating columns': ({ db, tables: { users } }) =>
    db
      .update(users)
      .set({
        cents: sql`${users.cents} + 100`,
        age: sql`${users.age} + 1`,
        name: sql`${users.name} || '*'`,
        tags: sql`array_append(${users.tags}, 'seen')`,
        settings: sql`coalesce(${users.settings}, '{}') || '{"size": 9}'`,
      })
      .where(and(lt(users.cents, 2000), eq(users.mood, 'calm')))
      .returning({ id: users.id, cents: users.cents, age: users.age, name: users.name, tags: users.tags }),
  'to null and to the default': ({ db, tables: { users } }) =>
    db
      .update(users)
      .set({ settings: null, age: sql`default`, managerId: null })
      .where(eq(users.name, 'Edsger'))
      .returning({ settings: users.settings, age: users.age, manager: users.managerId }),
  'from another table': ({ db, tables: { users, posts } }) =>
    db
      .update(posts)
      .set({ title: sql`${users.name} || ': ' || ${posts.title}`, views: sql`${posts.views} + ${users.cents}` })
      .from(users)
      .where(and(eq(posts.authorId, users.id), eq(users.mood, 'tired')))
      .returning({ id: posts.id, title: posts.title, name: users.name, views: posts.views }),
  'from a sub-query, with a join': async ({ db, tables: { users, posts } }) => {
    const counted = db
      .select({ author: posts.authorId, n: sql<number>`count(*)::int`.as('n') })
      .from(posts)
      .groupBy(posts.authorId)
      .as('counted')
    const updated = await db
      .update(users)
      .set({ cents: sql`${users.cents} + ${counted.n}` })
      .from(counted)
      .where(eq(users.id, counted.author))
      .returning({ id: users.id, cents: users.cents })
    return updated.sort((a, b) => a.id - b.id)
  },
  'with a sub-query as a value': ({ db, tables: { users, posts } }) =>
    db
      .update(users)
      .set({ name: sql`(select min(${posts.title}) from ${posts} where ${posts.authorId} = ${users.id})` })
      .where(eq(users.name, 'Barbara'))
      .returning({ name: users.name }),
  'a key of another schema': ({ db, tables: { accounts } }) =>
    db.update(accounts).set({ number: 77 }).where(eq(accounts.label, 'spare')).returning(),
  'of nothing': ({ db, tables: { users } }) => db.update(users).set({ name: 'x' }).where(eq(users.id, -1)),
  'that breaks a unique constraint': ({ db, tables: { users } }) =>
    db
      .update(users)
      .set({ slug: { slug: 'ada' } })
      .where(eq(users.slug, { slug: 'grace' })),
})

export const deleteSteps = steps('delete', {
  'by a migrating column, returning': ({ db, tables: { posts } }) =>
    db.delete(posts).where(eq(posts.title, 'More notes')).returning(),
  'by a sub-query': ({ db, tables: { users, posts } }) =>
    db
      .delete(posts)
      .where(
        inArray(
          posts.authorId,
          db
            .select({ id: users.id })
            .from(users)
            .where(and(isNull(users.age), gte(users.cents, 0))),
        ),
      )
      .returning({ title: posts.title }),
  'with a CTE': ({ db, tables: { posts } }) => {
    const least = db.$with('least').as(db.select({ v: sql<number>`min(${posts.views})`.as('v') }).from(posts))
    return db
      .with(least)
      .delete(posts)
      .where(eq(posts.views, sql`(select v from ${least})`))
      .returning({ id: posts.id, title: posts.title })
  },
  'that a foreign key forbids': ({ db, tables: { users } }) => db.delete(users).where(eq(users.name, 'Ada II')),
})
