import type { Client } from 'pg'

/** The new columns, with what they have to be as SQL over the old ones: written by hand, so that it is not the tool that judges itself. */
const COLUMNS = [
  { table: 'customers', added: 'full_name', computed: 'name' },
  { table: 'orders', added: 'quantity_big', computed: 'quantity::int8' },
] as const

/** Rows whose new value is not what the old one says: compared in one statement, so in one snapshot, under traffic. */
export async function mismatchedRows(db: Client): Promise<number> {
  let mismatched = 0
  for (const { table, added, computed } of COLUMNS) {
    const { rows } = await db.query<{ count: string }>(
      `select count(*) from ${table} where ${added} is distinct from ${computed}`,
    )
    mismatched += Number(rows[0]?.count)
  }
  return mismatched
}
