import { eq, sql } from 'drizzle-orm'
import { steps } from '../step.ts'

export const relationalSteps = steps('relational', {
  'findMany of every column': ({ db }) => db.query.users.findMany({ orderBy: (users, { asc }) => asc(users.id) }),
  'findMany with a nested with': ({ db }) =>
    db.query.users.findMany({
      with: { posts: { with: { comments: true }, orderBy: (posts, { desc }) => desc(posts.title) }, manager: true },
      orderBy: (users, { asc }) => [asc(users.mood), asc(users.name)],
    }),
  'columns, extras and conditions': ({ db, tables: { users } }) =>
    db.query.users.findMany({
      columns: { name: true, cents: true, settings: true },
      extras: { shout: sql<string>`upper(${users.name})`.as('shout') },
      where: (columns, { and, gt, like }) => and(gt(columns.cents, -1), like(columns.name, '%a%')),
      with: {
        posts: {
          columns: { title: true },
          extras: (posts) => ({ long: sql<boolean>`length(${posts.title}) > 6`.as('long') }),
          where: (posts, { ne }) => ne(posts.title, 'Notes'),
        },
      },
      orderBy: users.name,
      limit: 3,
    }),
  'columns left out': ({ db }) =>
    db.query.users.findMany({ columns: { tags: false, settings: false, createdAt: false }, orderBy: ({ id }) => id }),
  'the other way round, columns of the parent': ({ db }) =>
    db.query.posts.findMany({
      with: { author: { columns: { name: true, age: true, mood: true, slug: true, tags: true } } },
      orderBy: (posts, { desc }) => [desc(posts.views), posts.title],
      offset: 1,
      limit: 3,
    }),
  'three deep': ({ db }) =>
    db.query.comments.findMany({
      with: { post: { with: { author: { with: { manager: { columns: { name: true, cents: true } } } } } } },
      orderBy: ({ id }) => id,
    }),
  'with a limit in a with': ({ db }) =>
    db.query.users.findMany({
      columns: { id: true },
      with: { posts: { limit: 1, orderBy: (posts, { asc }) => asc(posts.title) } },
      orderBy: ({ id }) => id,
    }),
  findFirst: async ({ db, tables: { users } }) => [
    await db.query.users.findFirst({ where: eq(users.name, 'Linus') }),
    await db.query.users.findFirst({ where: eq(users.name, 'Nobody') }),
    await db.query.accounts.findFirst({ where: ({ number }, { gt }) => gt(number, 1) }),
    await db.query.posts.findFirst({ with: { author: true }, where: ({ authorId }) => eq(authorId, 3) }),
  ],
  'prepared with placeholders': async ({ db }) => {
    const query = db.query.users
      .findMany({
        where: (users, { lt }) => lt(users.cents, sql.placeholder('most')),
        with: { posts: { columns: { title: true }, limit: sql.placeholder('posts') } },
        orderBy: (users, { asc }) => asc(users.name),
      })
      .prepare('users-and-posts')
    return [await query.execute({ most: 2000, posts: 1 }), await query.execute({ most: 0, posts: 5 })]
  },
})
