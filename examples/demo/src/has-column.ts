import type { Client } from 'pg'

/** Whether a table of the shop has a column of that name now. */
export async function hasColumn(db: Client, table: string, column: string): Promise<boolean> {
  const sql = 'select from pg_attribute where attrelid = $1::regclass and attname = $2 and not attisdropped'
  return (await db.query(sql, [table, column])).rowCount === 1
}
