import { quoteIdentifier, quoteTable } from './identifier.ts'
import type { MappingTable, MigratingColumn, Migration } from './migration.ts'

export interface RoundTripOptions {
  /** Looks at so many rows, whichever PostgreSQL finds first. @defaultValue all of them */
  readonly limit?: number
}

/**
 * The SELECT that counts the rows whose old values do not come back: `backward(forward(old))` is another value than `old`.
 * An application that reads the new side sees another value in such a row, and its next write stores that one in the old
 * column, too. It answers one row with two int8: `rows`, and `differing`, which must be 0 before reads move.
 *
 * ```ts
 * const { rows } = await pool.query(roundTripQuery(person)) // on a connection that knows of no migration
 * if (rows[0].differing !== '0') throw new Error('The mapping of users.name loses values.')
 * ```
 *
 * It reads the whole table and the old columns alone, so it can be run before the new ones exist. Values are compared as text
 * where the declaration has the type of the old column (a `1.0` that comes back as `1.00` counts), and by `IS DISTINCT FROM`
 * where it has not, which fails with 42883 for a type without equality, such as json. A row for which a mapping fails (an
 * overflow, say) fails the query with PostgreSQL's own error.
 */
export function roundTripQuery(migration: Migration, { limit }: RoundTripOptions = {}): string {
  const there = [
    ...migration.old.map(({ name }) => quoteIdentifier(name)),
    ...migration.new.map((column) => `${computed(column, migration.forward)} AS ${quoteIdentifier(column.name)}`),
  ]
  const differs = migration.old.map((column) => {
    const [old, back] = [quoteIdentifier(column.name), computed(column, migration.backward)]
    return column.type === undefined ? `${back} IS DISTINCT FROM ${old}` : `${back}::text IS DISTINCT FROM ${old}::text`
  })
  return [
    `SELECT count(*) AS "rows", count(*) FILTER (WHERE ${differs.join(' OR ')}) AS "differing"`,
    `FROM (SELECT ${there.join(', ')} FROM ${quoteTable(migration.table)}${limit === undefined ? '' : ` LIMIT ${limit}`}) AS "there"`,
  ].join('\n')
}

function computed({ name, type }: MigratingColumn, mappings: MappingTable): string {
  const mapping = mappings[name]
  const value = mapping?.kind === 'column' ? quoteIdentifier(mapping.column) : `(${mapping?.sql})`
  return type === undefined ? value : `(${value})::${type}`
}
