import type { Client } from 'pg'
import { hasColumn } from './has-column.ts'
import type { Ledger } from './ledger.ts'

/** Rows that are missing, that should not be there, or whose column, old or new, is not what the application wrote last. */
export async function lostRows(db: Client, ledger: Ledger): Promise<number> {
  const customers = await rowsOf(db, 'customers', ["substring(email from '[0-9]+')", 'full_name', 'name'])
  const orders = await rowsOf(db, 'orders', ['id', 'quantity_big', 'quantity'])
  return differing(customers, ledger.expectedCustomers()) + differing(orders, ledger.expectedOrders())
}

type Row = readonly [key: number, ...values: string[]]

async function rowsOf(db: Client, table: string, [key = '', added = '', old = '']: readonly string[]): Promise<Row[]> {
  const columns = (await hasColumn(db, table, old)) ? [added, old] : [added]
  const text = `select ${key}::int, ${columns.map((column) => `${column}::text`).join(', ')} from ${table}`
  return (await db.query<string[]>({ text, rowMode: 'array' })).rows as unknown as Row[]
}

function differing(rows: readonly Row[], expected: ReadonlyMap<number, string | number>): number {
  const right = rows.filter(([key, ...values]) => values.every((value) => value === String(expected.get(key))))
  return Math.max(rows.length, expected.size) - right.length
}
