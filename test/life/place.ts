import { quoteIdentifier } from '@expand-contract/core'

/** How the tables and columns of a life are called in the database. */
export interface Place {
  readonly name: 'public' | 'odd'
  readonly schema: string | undefined
  /** The name of a table, not quoted. */
  table(table: string): string
  /** The name of a column, not quoted. */
  column(column: string): string
}

const PUBLIC: Place = { name: 'public', schema: undefined, table: (table) => table, column: (column) => column }

/** Another schema, not on the search path; names that must be quoted, and tables of 63 bytes that differ in the last ones. */
const ODD: Place = {
  name: 'odd',
  schema: 'Wéird "schema"',
  table: (table) => `${'x'.repeat(57 - table.length)} "é"${table}`,
  column: (column) => (['nr', 'note', 'region'].includes(column) ? column : `${column} As it 'is'`),
}

export const PLACES: readonly Place[] = [PUBLIC, ODD]

export const tableSql = (place: Place, table: string): string =>
  `${place.schema === undefined ? '' : `${quoteIdentifier(place.schema)}.`}${quoteIdentifier(place.table(table))}`

export const columnSql = (place: Place, column: string): string => quoteIdentifier(place.column(column))

/** An expression with its columns, which stand in braces, as they are called. */
export const expressionSql = (place: Place, sql: string): string =>
  sql.replaceAll(/\{(\w+)\}/gu, (_, column: string) => columnSql(place, column))
