import { isContracted, type Migration, quoteTable, type Runtime, type WarningEvent } from '@expand-contract/core'
import type { BoundMigration, Catalog, Relation } from '@expand-contract/sql'
import { meantInstead } from './nearest-name.ts'

/** Where a declaration and the database do not fit, and no statement is refused for it. */
export interface DeclarationFinding extends WarningEvent {
  readonly code: 'missing-table' | 'missing-columns' | 'missing-new-column' | 'old-column-gone'
  readonly migration: string
}

/**
 * What a misspelt name looks like. A table that is not there, or has neither side, is not touched by any plan, so its
 * statements pass as they are; a column that is not there looks like a migration that has not begun, or is finished.
 */
export function declarationFinding(
  migration: Migration,
  catalog: Catalog,
  runtime: Pick<Runtime, 'phaseOf'>,
): DeclarationFinding | undefined {
  const bounds = boundsOf(migration, catalog)
  if (bounds.length === 0) return missingTable(migration)
  const found = bounds.map(([table, bound]) => problemOf(table, bound, runtime))
  // Without a schema it stands for every table of the name: one that fits is enough.
  return found.some((each) => each === undefined) ? undefined : found[0]
}

const boundsOf = ({ id }: Migration, { tables }: Catalog): readonly (readonly [Relation, BoundMigration])[] =>
  tables.flatMap((table) =>
    table.migrations.flatMap((bound) => (bound.migration.id === id ? [[table, bound] as const] : [])),
  )

function missingTable({ id, table }: Migration): DeclarationFinding {
  const name = quoteTable(table)
  const where = table.schema === undefined ? ' on the search path' : ''
  return {
    code: 'missing-table',
    migration: id,
    message: `The migration ${id} is of the table ${name}, which is not there${where}. While it is not, the migration has no effect on any statement. If the table exists, correct its name or its schema in the declaration.`,
  }
}

function problemOf(
  table: Relation,
  { migration, physical, neverHad }: BoundMigration,
  runtime: Pick<Runtime, 'phaseOf'>,
): DeclarationFinding | undefined {
  const { id, old, new: added } = migration
  const name = `${table.schema}.${table.name}`
  const missing = (columns: Migration['old']): readonly string[] =>
    columns.flatMap((column) => (table.columns.some((each) => each.name === column.name) ? [] : [column.name]))
  const others = table.columns.map((column) => column.name).filter((each) => !namesOf(migration).includes(each))
  const meant = (columns: readonly string[]): string => meantInstead(columns, others)
  const phase = runtime.phaseOf(migration)
  switch (physical) {
    case 'incomplete': {
      const message = `The table ${name} has neither all old columns of the migration ${id} nor all new ones: ${quoted([...missing(old), ...missing(added)])} are missing. While they are, the migration has no effect on any statement. If the columns exist, correct their names in the declaration.${meant([...missing(old), ...missing(added)])}`
      return { code: 'missing-columns', migration: id, message }
    }
    case 'old': {
      if (phase === undefined || phase === 'off') return undefined
      const message = `The migration ${id} is in the phase ${phase}, and the table ${name} has no ${quoted(missing(added))}, so the old column alone is written. Add the column, or correct its name in the declaration.${meant(missing(added))}`
      return { code: 'missing-new-column', migration: id, message }
    }
    case 'new': {
      if (isContracted(phase) || neverHad.length > 0) return undefined
      const message = `The table ${name} has no ${quoted(missing(old))}, so the migration ${id} is taken for finished, and the new column alone is written. Columns of the table were dropped; whether this was one of them cannot be told. If the name is misspelt, correct it in the declaration; else record that the migration is finished: phases: fixedPhases({ ${JSON.stringify(id)}: 'contract' }).${meant(missing(old))}`
      return { code: 'old-column-gone', migration: id, message }
    }
    case 'both':
      return undefined
  }
}

const namesOf = (migration: Migration): readonly string[] =>
  [...migration.old, ...migration.new].map(({ name }) => name)

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')
