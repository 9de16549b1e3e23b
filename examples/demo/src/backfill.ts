import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'

/** The catalog lease of the pools (`catalogRefreshMs`, by default one second), and a little more. */
const CATALOG_LEASE_MS = 1_100
const PAGES_PER_BATCH = 128

export interface Column {
  readonly table: string
  readonly old: string
  readonly new: string
  /** The new value as SQL over the old column. */
  readonly computed: string
}

export const COLUMNS: readonly Column[] = [
  { table: 'customers', old: 'name', new: 'full_name', computed: 'name' },
  { table: 'orders', old: 'quantity', new: 'quantity_big', computed: 'quantity::int8' },
]

/**
 * Waits until every process writes both columns. A process may go on with the catalog it knows for one lease, and a
 * statement that it sent then may still be running; a row it inserts after the backfill has passed would stay empty.
 */
export async function untilEveryProcessWritesBoth(db: Client): Promise<void> {
  await sleep(CATALOG_LEASE_MS)
  const { rows } = await db.query<{ now: string }>('select clock_timestamp()::text as now')
  for (;;) {
    const older = await db.query(
      `select from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and xact_start <= $1::timestamptz`,
      [rows[0]?.now],
    )
    if (older.rowCount === 0) return
    await sleep(20)
  }
}

/**
 * Fills the new column in ranges of pages, each its own short transaction. Rows beyond the page that is last now were
 * written after the application began to write both columns. The statement names both columns, so the rewriter would
 * leave it as it is; a plain connection does as well.
 */
export async function backfill(db: Client, { table, old, new: added, computed }: Column): Promise<number> {
  const size = await db.query<{ pages: number }>(
    `select (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int as pages`,
    [table],
  )
  const pages = size.rows[0]?.pages ?? 0
  let rows = 0
  for (let from = 0; from < pages; from += PAGES_PER_BATCH) {
    const batch = await db.query(
      `update ${table} set ${added} = ${computed}
       where ctid >= '(${from},0)' and ctid < '(${Math.min(from + PAGES_PER_BATCH, pages)},0)'
         and ${added} is distinct from ${computed}`,
    )
    rows += batch.rowCount ?? 0
  }
  if (rows === 0) throw new Error(`The backfill found no row of ${table}.${old} to copy.`)
  return rows
}

/** Rows whose new value is not what the old one says: compared in one statement, so in one snapshot, under traffic. */
export async function mismatchedRows(db: Client): Promise<number> {
  let mismatched = 0
  for (const { table, new: added, computed } of COLUMNS) {
    const { rows } = await db.query<{ count: string }>(
      `select count(*) from ${table} where ${added} is distinct from ${computed}`,
    )
    mismatched += Number(rows[0]?.count)
  }
  return mismatched
}
