import { and, arrayContains, desc, eq, gt, inArray, isNull, sql, sum } from 'drizzle-orm'
import { exceptAll, intersectAll, withReplicas } from 'drizzle-orm/pg-core'
import { steps } from '../step.ts'

/** Columns of which Drizzle or PostgreSQL makes more than a value, and parts of Drizzle that are used less. */
export const specialSteps = steps('special', {
  'values that the application draws, and what is left to defaults': async ({ db, tables: { parts } }) => [
    await db
      .insert(parts)
      .values([
        { site: 1, weight: 1.5, units: 12345678901234567890n, day: new Date('2024-02-29'), active: true },
        { site: 1, code: 'axle', touched: null },
      ])
      .returning({ ...COMPARED(parts) }),
    await db.select({ drawn: sql<boolean>`count(distinct ${parts.uid}) = count(*)` }).from(parts),
    (await db.select({ uid: parts.uid }).from(parts)).map(({ uid }) => /^[\da-f-]{36}$/u.test(uid)),
  ],
  'values that the application draws with every update': ({ db, tables: { parts } }) =>
    db
      .update(parts)
      .set({ units: sql`${parts.units} + ${1n}` })
      .where(eq(parts.code, 'axle'))
      .returning({ units: parts.units, touched: parts.touched, loud: parts.loud }),
  'modes of numbers and dates in conditions': ({ db, tables: { parts } }) =>
    db
      .select(COMPARED(parts))
      .from(parts)
      .where(
        and(gt(parts.units, 5n), eq(parts.weight, 1.5), eq(parts.day, new Date('2024-02-29')), eq(parts.active, true)),
      ),
  'modes of numbers in aggregates': ({ db, tables: { parts } }) =>
    db
      .select({ site: parts.site, weight: sum(parts.weight), units: sum(parts.units).mapWith(parts.units) })
      .from(parts)
      .groupBy(parts.site),
  'a composite key: on conflict': ({ db, tables: { parts } }) =>
    db
      .insert(parts)
      .values([
        { site: 1, code: 'axle', weight: 9.25 },
        { site: 2, code: 'axle', weight: 3 },
      ])
      .onConflictDoUpdate({ target: [parts.site, parts.code], set: { weight: sql`excluded.weight` } })
      .returning(COMPARED(parts)),
  'a composite key: a duplicate': ({ db, tables: { parts } }) => db.insert(parts).values({ site: 2, code: 'axle' }),
  'a composite key: relational': ({ db }) =>
    db.query.parts.findMany({
      columns: { uid: false },
      where: (parts, { eq: is }) => is(parts.site, 1),
      orderBy: (parts, { asc }) => [asc(parts.site), asc(parts.code)],
    }),
  'a materialized view, before and after it is refreshed': async ({ db, tables: { users, richUsers } }) => {
    const read = () => db.select().from(richUsers).orderBy(richUsers.id)
    const before = await read()
    await db
      .update(users)
      .set({ cents: sql`${users.cents} + 1000` })
      .where(eq(users.name, 'Linus'))
    await db.refreshMaterializedView(richUsers)
    const after = await read()
    await db
      .update(users)
      .set({ cents: sql`${users.cents} - 1000` })
      .where(eq(users.name, 'Linus'))
    return [before, after]
  },
  'every lock': ({ db, tables: { users } }) =>
    db.transaction(
      async (tx) => {
        const locked: unknown[] = []
        for (const strength of ['update', 'no key update', 'share', 'key share'] as const)
          locked.push(
            await tx
              .select({ id: users.id, name: users.name })
              .from(users)
              .where(inArray(users.name, ['Ada', 'Grace']))
              .orderBy(users.name)
              .for(strength, { noWait: true }),
          )
        await tx.setTransaction({ accessMode: 'read only' })
        return locked
      },
      { isolationLevel: 'serializable', deferrable: true },
    ),
  'intersect all, except all': async ({ db, tables: { users } }) => {
    const moods = () => db.select({ mood: users.mood }).from(users)
    return [
      await intersectAll(moods(), moods().where(eq(users.age, 21))).orderBy(sql`mood`),
      await exceptAll(moods(), moods().where(eq(users.age, 21))).orderBy(sql`mood`),
    ]
  },
  'insert from a select, built in place': ({ db, tables: { posts, users } }) =>
    db
      .insert(posts)
      .select((query) =>
        query
          .select({
            id: sql<number>`nextval('posts_id_seq')::int`.as('id'),
            title: sql<string>`upper(${users.name})`.as('title'),
            authorId: users.id,
            views: sql<number>`0`.as('views'),
          })
          .from(users)
          .where(eq(users.name, 'Grace')),
      )
      .returning(),
  'lateral joins, inner and cross': async ({ db, tables: { users, posts } }) => {
    const latest = db
      .select({ title: posts.title })
      .from(posts)
      .where(eq(posts.authorId, users.id))
      .orderBy(desc(posts.title))
      .limit(1)
      .as('latest')
    const columns = { name: users.name, title: latest.title }
    return [
      await db.select(columns).from(users).innerJoinLateral(latest, sql`true`).orderBy(users.name),
      await db.select(columns).from(users).crossJoinLateral(latest).orderBy(users.name),
    ]
  },
  '$with of sql': ({ db, tables: { users } }) => {
    const tagged = db
      .$with('tagged', { who: sql<string>`who`.as('who'), tag: sql<string>`tag`.as('tag') })
      .as(sql`select ${users.name} as who, unnest(${users.tags}) as tag from ${users}`)
    return db.with(tagged).select().from(tagged).orderBy(tagged.tag, tagged.who)
  },
  'identifiers, raw parts and joined parts of sql': async ({ execute, tables: { users } }) => {
    const names = sql.join(
      ['Ada', 'Linus'].map((name) => sql`${name}`),
      sql.raw(', '),
    )
    const { rows } = await execute(
      sql`select ${sql.identifier('name')}, ${sql.raw('cents')} from ${sql.identifier('users')} where ${users.name} in (${names}) order by ${sql.identifier('id')}`,
    )
    return rows
  },
  'replicas, of which one reads': async ({ db, tables: { users } }) => {
    const replicated = withReplicas(db, [db, db])
    await replicated.update(users).set({ age: 22 }).where(eq(users.name, 'Linus'))
    const read = await replicated.select({ age: users.age }).from(users).where(eq(users.name, 'Linus'))
    await replicated.$primary.update(users).set({ age: 21 }).where(eq(users.name, 'Linus'))
    return [read, await replicated.query.users.findFirst({ where: eq(users.name, 'Linus') })]
  },
  'a logger, which is shown what was written': async ({ another, tables: { users } }) => {
    const logged: unknown[] = []
    const db = another({ logger: { logQuery: (query, params) => void logged.push([query, params]) } })
    await db
      .select({ name: users.name })
      .from(users)
      .where(arrayContains(users.tags, ['math']))
    await db.update(users).set({ mood: 'tired' }).where(eq(users.name, 'Nobody'))
    return logged
  },
  'conditions that may be left out': ({ db, tables: { users } }) =>
    db
      .select({ id: users.id })
      .from(users)
      .where(and(undefined, isNull(users.slug), undefined))
      .orderBy(users.id),
  'migrate(), with statements on migrating tables': async ({ db, migrate, execute, tables: { users } }) => {
    await migrate({ migrationsFolder: `${import.meta.dirname}/../migrations`, migrationsSchema: 'own' })
    await migrate({ migrationsFolder: `${import.meta.dirname}/../migrations`, migrationsSchema: 'own' })
    const { rows } = await execute(sql`select note from visits`)
    const migrated = db.delete(users).where(eq(users.name, 'Migrated'))
    return [rows, await migrated.returning({ name: users.name, age: users.age, cents: users.cents })]
  },
})

type Parts = import('../schema.ts').Tables['parts']

/** Without what the database draws: it is the same in no two databases. */
const COMPARED = ({ site, code, touched, weight, units, day, active, loud }: Parts) => ({
  ...{ site, code, touched, weight, units, day, active, loud },
})
