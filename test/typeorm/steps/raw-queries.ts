import { failingStep, type Step, since, step } from './step.ts'

/** SQL by hand, with the names that the entities have. */
export const RAW_QUERIES: readonly Step[] = [
  step('query with parameters', ({ source, column }) =>
    source.query(
      `SELECT "id", ${column('name')}, ${column('balance')} AS cents FROM "customers" WHERE ${column('name')} = $1 OR ${column('visits')} > $2 ORDER BY "id"`,
      ['Cyrus', 8],
    ),
  ),
  step('query without parameters', ({ source, column }) =>
    source.query(
      `select count(*), max(${column('visits')}) as most from customers where ${column('name')} is not null;`,
    ),
  ),
  step('star', ({ source }) => source.query('SELECT * FROM "customers" ORDER BY "id" LIMIT 2')),
  since(
    '0.3.24',
    step('the sql tag', ({ source }) => source.sql`SELECT "id" FROM "customers" WHERE "email" = ${'cy@example.org'}`),
  ),
  step('update and delete by query', async ({ source, column }) => [
    await source.query(
      `UPDATE "customers" SET ${column('name')} = $1 WHERE "code${column('code').includes('_') ? '_text' : ''}" = $2`,
      ['Cy', 'cy'],
    ),
    await source.query(`DELETE FROM "lines" WHERE ${column('quantity')} > $1`, [1000]),
  ]),
  step('insert by query', ({ source, column }) =>
    source.query(
      `INSERT INTO "customers" ("email", ${column('name')}, ${column('code')}, "version") VALUES ($1, $2, $3, 1) RETURNING "id", ${column('name')}, ${column('visits')}, ${column('status')}`,
      ['max@example.org', 'Max', 'max'],
    ),
  ),
  step('a text of two statements', ({ source, column }) =>
    source.query(
      `UPDATE "customers" SET ${column('visits')} = 2 WHERE ${column('name')} = 'Max'; SELECT ${column('visits')} FROM "customers" WHERE ${column('name')} = 'Max'`,
    ),
  ),
  failingStep('an unknown column', ({ source }) => source.query('SELECT "no_such_column" FROM "customers"')),
]
