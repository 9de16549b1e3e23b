import { quoteIdentifier } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import type { ModelTable, Row } from '../life-model.ts'
import type { ApplicationKind } from './life-application.ts'
import { LEASE_MS, runtimeOf } from './runtime-options.ts'

const columnOf = (table: ModelTable, property: string): string => {
  const column = table.columns.find((each) => each.property === property)
  return quoteIdentifier(column?.name ?? property)
}

const selected = (table: ModelTable): string =>
  table.columns.map(({ name, property }) => `${quoteIdentifier(name)} as ${quoteIdentifier(property)}`).join(', ')

/** Texts with parameters, as somebody writes them by hand. */
export const pgApplication: ApplicationKind = {
  name: 'pg',
  async open({ url, model, migrating }) {
    const runtime =
      migrating &&
      (await runtimeOf(
        model.tables.map(({ migration }) => migration),
        migrating,
      ))
    const config = { connectionString: url, max: 2 }
    const pool =
      runtime === undefined ? new pg.Pool(config) : instrumentedPool(runtime, config, { catalogRefreshMs: LEASE_MS })
    return {
      runtime,
      insert(table, rows) {
        const names = Object.keys(rows[0] ?? {})
        const tuples = rows.map((_, row) => `(${names.map((__, at) => `$${row * names.length + at + 1}`).join(', ')})`)
        const columns = names.map((name) => columnOf(table, name)).join(', ')
        return pool.query(
          `insert into ${table.sql} (${columns}) values ${tuples.join(', ')}`,
          rows.flatMap((row) => Object.values(row)),
        )
      },
      async set(table, nr, patch) {
        const assigned = Object.keys(patch).map((name, at) => `${columnOf(table, name)} = $${at + 2}`)
        const text = `update ${table.sql} set ${assigned.join(', ')} where nr = $1`
        return (await pool.query(text, [nr, ...Object.values(patch)])).rowCount ?? 0
      },
      async where(table, values) {
        const conditions = Object.keys(values).map((name, at) => `t.${columnOf(table, name)} = $${at + 1}`)
        const text = `select ${selected(table)} from ${table.sql} as t where ${conditions.join(' and ')} order by nr`
        return (await pool.query<Row>(text, Object.values(values))).rows
      },
      list: async (table) => (await pool.query<Row>(`select ${selected(table)} from ${table.sql} order by nr`)).rows,
      remove: async (table, nr) => (await pool.query(`delete from ${table.sql} where nr = $1`, [nr])).rowCount ?? 0,
      sql: async (text) => (await pool.query<Row>(text)).rows,
      async close() {
        await pool.end()
        await runtime?.close()
      },
    }
  },
}
