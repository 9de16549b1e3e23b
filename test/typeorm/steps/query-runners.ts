import type pg from 'pg'
import type { QueryRunner } from 'typeorm'
import { type Shop, type Step, step } from './step.ts'

/** Runs on a connection that is kept, and gives it back. */
async function onRunner<T>({ source }: Shop, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner()
  try {
    return await work(runner)
  } finally {
    await runner.release()
  }
}

/** What applications do with a query runner, and what they are told of queries. */
export const QUERY_RUNNERS: readonly Step[] = [
  step('query runner: structured results', (shop) =>
    onRunner(shop, async (runner) => {
      const [name, code] = [shop.column('name'), shop.column('code')]
      return [
        await runner.query(`SELECT "id", ${name} FROM "customers" WHERE ${code} = $1`, ['cy'], true),
        await runner.query(
          `UPDATE "customers" SET ${name} = ${name} WHERE ${code} = $1 RETURNING "id", ${name}`,
          ['cy'],
          true,
        ),
        await runner.query(`DELETE FROM "customers" WHERE ${name} = $1`, ['nobody'], true),
        await runner.query(
          `INSERT INTO "lines" ("product", ${shop.column('quantity')}) VALUES ($1, $2)`,
          ['run', 3],
          true,
        ),
      ]
    }),
  ),
  step('query runner: a stream', (shop) =>
    onRunner(shop, async (runner) => {
      const rows: unknown[] = []
      const told: unknown[] = []
      const stream = await runner.stream(
        `SELECT "id", ${shop.column('name')} AS n, ${shop.column('balance')} FROM "customers" WHERE ${shop.column('visits')} >= $1 ORDER BY "id"`,
        [1],
        () => void told.push('end'),
        () => void told.push('error'),
      )
      for await (const row of stream) rows.push(row)
      return [rows, told]
    }),
  ),
  step('query runner: savepoints by hand', (shop) =>
    onRunner(shop, async (runner) => {
      const { Customer } = shop.entities
      await runner.startTransaction()
      await runner.manager.update(Customer, { code: 'cy' }, { visits: 20 })
      await runner.query('SAVEPOINT mine')
      await runner.manager.update(Customer, { code: 'cy' }, { visits: 21 })
      const failed = await runner.query('SELECT no_such_column FROM customers').catch(({ code }) => code)
      await runner.query('ROLLBACK TO SAVEPOINT mine')
      const found = await runner.manager.findOneBy(Customer, { code: 'cy' })
      await runner.rollbackTransaction()
      return [failed, found?.visits, (await runner.manager.findOneBy(Customer, { code: 'cy' }))?.visits]
    }),
  ),
  step('query runner: a cursor, a prepared statement and a temporary table', (shop) =>
    onRunner(shop, async (runner) => {
      const [name, visits] = [shop.column('name'), shop.column('visits')]
      await runner.startTransaction()
      await runner.query(`DECLARE names CURSOR FOR SELECT ${name} FROM customers ORDER BY id`)
      const first = [await runner.query('FETCH 2 FROM names'), await runner.query('FETCH ALL FROM names')]
      await runner.query('CLOSE names')
      await runner.query(
        `PREPARE seen (int) AS UPDATE customers SET ${visits} = ${visits} + $1 WHERE id = 1 RETURNING ${visits}`,
      )
      const second = [await runner.query('EXECUTE seen (5)'), await runner.query('EXECUTE seen (-5)')]
      await runner.query('DEALLOCATE seen')
      await runner.query(
        `CREATE TEMP TABLE often ON COMMIT DROP AS SELECT id, ${name} AS who FROM customers WHERE ${visits} > 5`,
      )
      const third = await runner.query(
        `UPDATE customers c SET ${name} = o.who FROM often o WHERE o.id = c.id AND c.${name} = o.who RETURNING c.id`,
      )
      await runner.commitTransaction()
      return [first, second, third.length]
    }),
  ),
  step('query runner: what subscribers are told of queries', async (shop) => {
    const { source, entities, column } = shop
    const told: unknown[] = []
    const subscriber = {
      beforeQuery: ({ query, parameters }: { query: string; parameters?: unknown }) =>
        void told.push(['before', query, parameters]),
      afterQuery: ({ query, success, rawResults }: { query: string; success: boolean; rawResults?: pg.QueryResult }) =>
        void told.push(['after', query, success, rawResults?.rows, rawResults?.rowCount, rawResults?.command]),
    }
    source.subscribers.push(subscriber)
    try {
      await source.manager.findOneBy(entities.Customer, { name: 'Cyrus' })
      await source.manager.update(entities.Customer, { code: 'cy' }, { labels: ['told'] })
      await source.query(`SELECT ${column('name')} FROM customers WHERE id = $1`, [1])
      await source.query(`SELECT ${column('name')} FROM no_such_table`).catch(() => undefined)
    } finally {
      source.subscribers.splice(source.subscribers.indexOf(subscriber), 1)
    }
    return told
  }),
  step('query runner: tables that are emptied', async (shop) => {
    const { source, entities } = shop
    await onRunner(shop, (runner) => runner.clearTable('vouchers'))
    await source.query('TRUNCATE "stickers", "parcel_stickers" RESTART IDENTITY CASCADE')
    return [await source.manager.count(entities.Voucher), await source.manager.count(entities.Sticker)]
  }),
]
