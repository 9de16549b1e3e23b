import { quoteIdentifier } from '@expand-contract/core'
import { inReadTransaction } from '../read-transaction.ts'
import type { RunnerClient } from '../runner-client.ts'
import { qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import type { ColumnStates } from './column-states.ts'

/**
 * Whether a new column can be NOT NULL where the old ones are: a mapping may have no value for a row. It looks at all rows, unless nothing hangs on it:
 * the old columns may be null, or the new one is NOT NULL, or is there by a check of ours already.
 */
export async function readNewNulls(client: RunnerClient, shape: SyncShape, states: ColumnStates): Promise<boolean> {
  const [column, ...others] = shape.new
  const olds = states.columns.filter((state) => shape.old.some(({ name }) => name === state.column))
  const [root] = states.columns.filter((state) => state.column === column?.name)
  if (column === undefined || others.length > 0 || !olds.some(({ notNull }) => notNull) || root?.notNull) return false
  // Rows of before may be NULL there, and are so here.
  const also = shape.old.length === 1 && olds[0]?.notNullUnvalidated ? olds[0].column : undefined
  const besides = also === undefined ? '' : ` AND ${quoteIdentifier(also)} IS NOT NULL`
  if (states.checks.some(({ table, validated }) => table === shape.table.name && validated)) return false
  return inReadTransaction(client, async () => {
    await client.query("SELECT pg_catalog.set_config('row_security', 'off', true)")
    const { rows } = await client.query(
      `SELECT EXISTS (SELECT FROM ${qualified(shape.table.schema, shape.table.name)} WHERE ${quoteIdentifier(column.name)} IS NULL${besides}) AS found`,
    )
    return rows[0]?.found === true || rows[0]?.found === 't'
  })
}
