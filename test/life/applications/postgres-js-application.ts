import { quoteIdentifier } from '@expand-contract/core'
import { instrumentedSql } from '@expand-contract/postgres-js'
import postgres from 'postgres'
import type { ModelTable, Row } from '../life-model.ts'
import type { ApplicationKind } from './life-application.ts'
import { LEASE_MS, runtimeOf } from './runtime-options.ts'

/** Its helpers quote each part between dots, so names with a dot would have to be written by hand. */
const named = (table: ModelTable, values: Row): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([property, value]) => [
      table.columns.find((each) => each.property === property)?.name ?? property,
      value,
    ]),
  )

/** Tagged templates with its helpers. */
export const postgresJsApplication: ApplicationKind = {
  name: 'postgres-js',
  async open({ url, model, migrating }) {
    const runtime =
      migrating &&
      (await runtimeOf(
        model.tables.map(({ migration }) => migration),
        migrating,
      ))
    // PgBouncer below 1.21 hands a connection without its prepared statements to the next client.
    const bare = postgres(url, { max: 2, prepare: false, onnotice: () => undefined })
    const sql = (
      runtime === undefined ? bare : instrumentedSql(runtime, bare, { catalogRefreshMs: LEASE_MS })
    ) as postgres.Sql
    const selected = (table: ModelTable): string =>
      table.columns.map(({ name, property }) => `${quoteIdentifier(name)} as ${quoteIdentifier(property)}`).join(', ')
    return {
      runtime,
      insert: async (table, rows) =>
        await sql`insert into ${sql.unsafe(table.sql)} ${sql(rows.map((row) => named(table, row)) as never)}`,
      async set(table, nr, patch) {
        return (await sql`update ${sql.unsafe(table.sql)} set ${sql(named(table, patch))} where nr = ${nr}`).count
      },
      async where(table, values) {
        const conditions = Object.entries(named(table, values)).map(
          ([name, value]) => sql`and ${sql(name)} = ${value as string}`,
        )
        return [
          ...(await sql<Row[]>`
            select ${sql.unsafe(selected(table))} from ${sql.unsafe(table.sql)} where true ${conditions} order by nr`),
        ]
      },
      list: async (table) => [
        ...(await sql<Row[]>`select ${sql.unsafe(selected(table))} from ${sql.unsafe(table.sql)} order by nr`),
      ],
      remove: async (table, nr) => (await sql`delete from ${sql.unsafe(table.sql)} where nr = ${nr}`).count,
      sql: async (text) => [...(await sql.unsafe<Row[]>(text))],
      async close() {
        await sql.end()
        await runtime?.close()
      },
    }
  },
}
