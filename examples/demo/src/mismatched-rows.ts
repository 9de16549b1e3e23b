import type { Client } from 'pg'
import { hasColumn } from './has-column.ts'

/** The new columns, with what they have to be as SQL over the old ones: written by hand, so that it is not the tool that judges itself. */
const COLUMNS = [
  { table: 'customers', added: 'full_name', old: 'name', computed: (old: string) => old },
  { table: 'orders', added: 'quantity_big', old: 'quantity', computed: (old: string) => `${old}::int8` },
] as const

/**
 * Rows whose new value is not what the old one says: compared in one statement, so in one snapshot, under traffic. An old column that
 * is held has another name; one that was dropped cannot be compared, and what the new one has to be is compared at the end.
 */
export async function mismatchedRows(db: Client): Promise<number> {
  let mismatched = 0
  for (const { table, added, old, computed } of COLUMNS) {
    const names = [old, `_ec_held_${old}`]
    for (const name of names) {
      if (!(await hasColumn(db, table, name))) continue
      const { rows } = await db.query<{ count: string }>(
        `select count(*) from ${table} where ${added} is distinct from ${computed(name)}`,
      )
      mismatched += Number(rows[0]?.count)
    }
  }
  return mismatched
}
