import type { BoundMigration, Catalog } from '@expand-contract/sql'
import type { Asking } from '../own-query/own-query.ts'

/** Whether some table of the name, in any schema, has the old columns, or may have had them. */
const NAMESAKES_QUERY = `SELECT CASE WHEN pg_catalog.bool_or(x.has) THEN 'has' WHEN pg_catalog.bool_or(x.may) THEN 'may' END AS found
  FROM (SELECT pg_catalog.count(*) FILTER (WHERE NOT a.attisdropped AND a.attname = ANY ($2::pg_catalog.name[]))
        = pg_catalog.cardinality($2::pg_catalog.name[]) AS has,
      pg_catalog.count(*) FILTER (WHERE a.attisdropped OR a.attname = ANY ($2::pg_catalog.name[]))
        >= pg_catalog.cardinality($2::pg_catalog.name[]) AS may
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relname = $1::pg_catalog.name AND c.relkind IN ('r', 'p', 'f') GROUP BY c.oid) x`

/**
 * The migrations whose old columns were seen in a table, of whatever database, schema or time: their names are not misspelt. One for
 * each runtime.
 */
export class OldColumnsSeen {
  /** False: another table of the name has dropped columns, which may have been they. */
  readonly #seen = new Map<string, boolean>()

  /** True for columns that were there, or may have been. */
  has(migration: string): boolean {
    return this.#seen.has(migration)
  }

  /** True for columns that were there. */
  surely(migration: string): boolean {
    return this.#seen.get(migration) === true
  }

  /** Takes in what a catalog shows, and asks for other tables of a name that was declared without a schema. */
  *look({ tables }: Catalog): Asking<void> {
    const bounds = tables.flatMap(({ migrations }) => migrations)
    for (const { migration, physical } of bounds)
      if (physical === 'old' || physical === 'both') this.#seen.set(migration.id, true)
    for (const { id, table, old } of new Set(bounds.filter(isDoubtful).map(({ migration }) => migration))) {
      if (this.has(id) || table.schema !== undefined) continue
      const { rows } = yield { text: NAMESAKES_QUERY, values: [table.name, old.map(({ name }) => name)] }
      const found = rows[0]?.found
      if (found != null) this.#seen.set(id, found === 'has')
    }
  }
}

/** The new column stands alone where the old one never was. */
export const isDoubtful = ({ neverHad, physical }: BoundMigration): boolean => neverHad.length > 0 && physical === 'new'
