import { quoteIdentifier } from '@expand-contract/core'
import { differs, mappingSql } from '../sql/mapping-sql.ts'
import type { SyncShape } from '../sql/sync-shape.ts'

/** A column of one side with what it should be, over the other columns of the same row by their bare names. */
export interface ComputedColumn {
  /** Quoted. */
  readonly name: string
  /** To be assigned: the assignment gives it length and precision, and raises where the value does not fit. */
  readonly value: string
  /** True where the column has another value: not the same bytes, as the sync trigger has it. */
  readonly differs: string
  /** True where that value is null. */
  readonly isNull: string
}

/** The columns of a side as they should be. */
export function computedColumns(shape: SyncShape, side: 'old' | 'new'): readonly ComputedColumn[] {
  return mappingSql(shape, side, quoteIdentifier).map(({ column, sql }) => {
    const name = quoteIdentifier(column.name)
    // What is compared has been rounded and cut as the assignment would.
    const value = `(${sql})::${column.type}`
    return { name, value: sql, differs: differs(name, value, column), isNull: `(${sql}) IS NULL` }
  })
}
