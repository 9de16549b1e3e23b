import { quoteIdentifier } from '@expand-contract/core'
import { mappingSql } from './mapping-sql.ts'
import type { SyncShape } from './sync-shape.ts'

/**
 * Has PostgreSQL analyse the mappings under the search path of the function, without a row: what it does not know there, such as a
 * function of another schema, would make every row of the new side NULL, since errors of a mapping are caught.
 */
export function mappingProbe(shape: SyncShape): { readonly path: string; readonly sql: string } {
  const probe = (side: 'old' | 'new'): string => {
    const from = shape[side === 'old' ? 'new' : 'old'].map(
      ({ name, bare }) => `NULL::${bare} AS ${quoteIdentifier(name)}`,
    )
    const values = mappingSql(shape, side, (column) => `ec_row.${quoteIdentifier(column)}`)
    return `(SELECT ROW(${values.map(({ sql }) => sql).join(', ')}) FROM (SELECT ${from.join(', ')} OFFSET 0) AS ec_row WHERE false)`
  }
  return { path: shape.searchPath.map(quoteIdentifier).join(', '), sql: `SELECT ${probe('new')}, ${probe('old')}` }
}
