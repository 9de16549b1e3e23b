import {
  and,
  arrayContained,
  arrayContains,
  arrayOverlaps,
  asc,
  avg,
  between,
  count,
  countDistinct,
  desc,
  eq,
  exists,
  getTableColumns,
  gt,
  gte,
  ilike,
  inArray,
  isNotNull,
  isNull,
  like,
  lt,
  lte,
  max,
  min,
  ne,
  not,
  notBetween,
  notExists,
  notIlike,
  notInArray,
  notLike,
  or,
  type SQL,
  sql,
  sum,
} from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import type { Tables } from '../schema.ts'
import { type StepContext, steps } from '../step.ts'

/** Every operator in a condition on a migrating column. */
const CONDITIONS: Readonly<Record<string, (users: Tables['users']) => SQL | undefined>> = {
  eq: ({ name }) => eq(name, 'Ada'),
  ne: ({ mood }) => ne(mood, 'calm'),
  'gt, lt': ({ age, cents }) => and(gt(age, 20), lt(cents, 2000)),
  'gte, lte': ({ age, cents }) => or(gte(age, 47), lte(cents, -305)),
  'isNull, isNotNull': ({ age, settings }) => or(isNull(age), isNotNull(settings)),
  inArray: ({ mood }) => inArray(mood, ['tired', 'cheerful']),
  notInArray: ({ name }) => notInArray(name, ['Ada', 'Linus']),
  'between, notBetween': ({ age, cents }) => and(between(age, 20, 40), notBetween(cents, 0, 10)),
  'like, notLike': ({ name }) => and(like(name, '%a%'), notLike(name, 'B%')),
  'ilike, notIlike': ({ name }) => and(ilike(name, '%A%'), notIlike(name, '%z%')),
  'not, or': ({ name, age }) => not(or(eq(name, 'Ada'), eq(age, 21)) ?? sql`true`),
  arrayContains: ({ tags }) => arrayContains(tags, ['engine']),
  arrayContained: ({ tags }) => arrayContained(tags, ['math', 'engine', 'navy']),
  arrayOverlaps: ({ tags }) => arrayOverlaps(tags, ['navy', 'math']),
  'eq on an array': ({ tags }) => eq(tags, ['navy', 'two words']),
  'eq on a custom type': ({ slug }) => eq(slug, { slug: 'GRACE' }),
  'eq on jsonb': ({ settings }) => eq(settings, { theme: 'light' }),
  'column against column': ({ age, id }) => gt(age, sql`${id} * 10`),
  'jsonb operators in sql': ({ settings }) => sql`${settings} ->> 'theme' = ${'dark'}`,
  'any in sql': ({ name }) => sql`${name} = any(${sql.param(['Ada', 'Linus'])})`,
  'enum order': ({ mood }) => gt(mood, 'calm'),
}

const conditions = Object.fromEntries(
  Object.entries(CONDITIONS).map(([name, condition]) => [
    `where ${name}`,
    ({ db, tables: { users } }: StepContext) =>
      db.select({ id: users.id, name: users.name }).from(users).where(condition(users)).orderBy(users.id),
  ]),
)

export const selectSteps = steps('select', {
  ...conditions,
  'every column': ({ db, tables: { users } }) => db.select().from(users).orderBy(users.id),
  'a few columns under other names': ({ db, tables: { users } }) =>
    db.select({ who: users.name, money: users.cents, how: users.mood }).from(users).orderBy(users.id),
  'expressions of migrating columns': ({ db, tables: { users } }) =>
    db
      .select({
        shout: sql<string>`upper(${users.name})`,
        older: sql<number>`${users.age} + 1`,
        half: sql<number>`${users.cents} / 2`,
        tag: sql<string>`${users.tags}[1]`,
        theme: sql<string>`${users.settings} -> 'theme'`,
        first: sql<string>`substr(${users.name}, 1, 1)`.as('first'),
        typed: sql`${users.cents}`.mapWith(users.cents),
      })
      .from(users)
      .orderBy(users.id),
  'every column of a table beside an expression': ({ db, tables: { users } }) =>
    db
      .select({ ...getTableColumns(users), length: sql<number>`length(${users.name})` })
      .from(users)
      .orderBy(asc(users.name)),
  'order by a number, an enum and an array, both ways': ({ db, tables: { users } }) =>
    db.select({ id: users.id }).from(users).orderBy(desc(users.mood), asc(users.cents), desc(users.tags)),
  'order by an expression with nulls last': ({ db, tables: { users } }) =>
    db
      .select({ id: users.id, age: users.age })
      .from(users)
      .orderBy(sql`${users.age} desc nulls last, lower(${users.name})`),
  'limit and offset': ({ db, tables: { users } }) =>
    db.select({ name: users.name }).from(users).orderBy(users.name).limit(2).offset(1),
  distinct: ({ db, tables: { users } }) => db.selectDistinct({ mood: users.mood }).from(users).orderBy(users.mood),
  'distinct on': ({ db, tables: { users } }) =>
    db
      .selectDistinctOn([users.mood], { mood: users.mood, name: users.name })
      .from(users)
      .orderBy(users.mood, desc(users.name)),
  'aggregates with group by and having': ({ db, tables: { users } }) =>
    db
      .select({
        mood: users.mood,
        n: count(),
        names: countDistinct(users.name),
        total: sum(users.cents),
        mean: avg(users.age),
        low: min(users.cents),
        high: max(users.name),
        all: sql<string>`string_agg(${users.name}, ',' order by ${users.name})`,
      })
      .from(users)
      .groupBy(users.mood)
      .having(gt(count(users.id), 1))
      .orderBy(users.mood),
  'group by an expression': ({ db, tables: { users } }) =>
    db
      .select({ length: sql<number>`length(${users.name})`, n: count(users.age) })
      .from(users)
      .groupBy(sql`length(${users.name})`)
      .orderBy(sql`length(${users.name})`),
  'group by the primary key': ({ db, tables: { users, posts } }) =>
    db
      .select({ id: users.id, name: users.name, n: count(posts.id) })
      .from(users)
      .leftJoin(posts, eq(posts.authorId, users.id))
      .groupBy(users.id)
      .orderBy(users.id),
  'window functions': ({ db, tables: { users } }) =>
    db
      .select({ id: users.id, rank: sql<number>`rank() over (partition by ${users.mood} order by ${users.cents})` })
      .from(users)
      .orderBy(users.id),
  $count: async ({ db, tables: { users } }) => [
    await db.$count(users),
    await db.$count(users, eq(users.name, 'Ada')),
    await db
      .select({ id: users.id, peers: db.$count(users, gt(users.age, 20)) })
      .from(users)
      .orderBy(users.id),
  ],
  'exists and not exists': ({ db, tables: { users, posts } }) =>
    db
      .select({ name: users.name })
      .from(users)
      .where(
        and(
          exists(db.select().from(posts).where(eq(posts.authorId, users.id))),
          notExists(
            db
              .select()
              .from(posts)
              .where(and(eq(posts.authorId, users.id), eq(posts.title, 'Kernels'))),
          ),
        ),
      )
      .orderBy(users.name),
  'for update, of a table, skip locked': ({ db, tables: { users, posts } }) =>
    db.transaction(async (tx) => [
      await tx.select({ name: users.name }).from(users).where(eq(users.name, 'Ada')).for('update'),
      await tx
        .select({ title: posts.title, name: users.name })
        .from(posts)
        .innerJoin(users, eq(users.id, posts.authorId))
        .where(eq(users.name, 'Grace'))
        .for('no key update', { of: posts, skipLocked: true }),
    ]),
  'a query built without a database': async ({ execute, tables: { users } }) => {
    const query = new QueryBuilder({ casing: 'snake_case' }).select({ name: users.name }).from(users)
    return (await execute(sql`${query.where(eq(users.age, 21)).getSQL()} order by 1`)).rows
  },
  'a dynamic query': ({ db, tables: { users } }) => {
    const query = db.select({ name: users.name }).from(users).$dynamic()
    return query.where(like(users.name, '%a%')).orderBy(users.name).limit(3)
  },
  'a view over the table': ({ db, tables: { names } }) =>
    db.select().from(names).where(ne(names.name, 'Linus')).orderBy(names.id),
  'a table of another schema, by its migrating key': ({ db, tables: { accounts } }) =>
    db.select().from(accounts).where(eq(accounts.number, 2)),
  'a column that is not there': ({ db, tables: { users } }) => db.select({ x: sql`${users}.nothing` }).from(users),
  'a value that cannot be': ({ db, tables: { users } }) =>
    db
      .select({ x: sql<number>`${users.cents} / (${users.cents} - ${users.cents})` })
      .from(users)
      .where(eq(users.name, 'Ada')),
})
