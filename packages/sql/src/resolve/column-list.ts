import { quoteIdentifier } from '@expand-contract/core'
import { type DecidedMigration, logicalFrom } from './decided-migration.ts'
import type { LogicalTable } from './logical-columns.ts'
import type { MigratingEntry } from './scope.ts'
import { Unprovable } from './unprovable.ts'

/** How the row that a qualifier names is read. */
export type RowReading = Pick<MigratingEntry, 'reads' | 'nullable'>

/** Every column of the table as the application knows it, as items of a select list. */
export function columnList(logical: LogicalTable, row: RowReading, qualifier: string): string {
  checkOrder(logical)
  return logical.columns
    .map(({ name, decided }) =>
      decided !== undefined && row.reads(decided) === 'shadow'
        ? `${readShadow(decided, name, row, qualifier)} AS ${quoteIdentifier(name)}`
        : `${qualifier}.${quoteIdentifier(name)}`,
    )
    .join(', ')
}

/**
 * A logical column computed from the shadow. The row of an outer join that found no partner is NULL throughout, which an
 * expression such as concat_ws would not be; a column of its own is.
 */
export function readShadow(decided: DecidedMigration, name: string, row: RowReading, qualifier: string): string {
  const when = row.nullable ? `${qualifier}.tableoid IS NOT NULL` : undefined
  return logicalFrom(decided, name, (column) => `${qualifier}.${quoteIdentifier(column)}`, when)
}

/** What `*` stands for needs the order of the columns. */
export function checkOrder({ disordered }: LogicalTable): void {
  if (disordered) throw new Unprovable('read', disordered, 'column-positions')
}
