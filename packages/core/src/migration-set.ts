import type { CoreErrorCode } from './error-catalogue.ts'
import { ExpandContractError } from './errors.ts'
import { quoteTable } from './identifier.ts'
import type { MigratingColumn, Migration } from './migration.ts'

/**
 * Refuses what cannot be under way together: one id or flag twice, or one column in two migrations of a table. Several
 * migrations of one table are fine otherwise. A table declared without a schema is taken as every schema's.
 */
export function checkMigrationSet(migrations: readonly Migration[]): readonly Migration[] {
  for (const [index, later] of migrations.entries())
    for (const earlier of migrations.slice(0, index)) {
      const twice = isSameMapping(earlier, later)
      if (later.id === earlier.id)
        refuse(
          'EC_DUPLICATE_ID',
          later,
          twice
            ? `The migration ${JSON.stringify(later.id)} is declared twice.`
            : `Two migrations have the id ${JSON.stringify(later.id)}.`,
          twice ? REMOVE : 'Give one of them another `id`.',
        )
      if (twice)
        refuse(
          'EC_CONFLICT',
          later,
          `The migrations ${earlier.id} and ${later.id} are the same: both take ${columns(later.old)} of ${quoteTable(later.table)} to ${columns(later.new)}.`,
          REMOVE,
        )
      if (later.flag !== undefined && later.flag === earlier.flag)
        refuse(
          'EC_DUPLICATE_FLAG',
          later,
          `The migrations ${earlier.id} and ${later.id} have the same flag ${JSON.stringify(later.flag)}, so neither could be rolled back alone.`,
          'Give each migration a flag of its own.',
        )
      const column = sharedColumn(earlier, later)
      if (column !== undefined)
        refuse(
          'EC_CONFLICT',
          later,
          `The migrations ${earlier.id} and ${later.id} both have the column ${JSON.stringify(column)} of ${quoteTable(later.table)}.`,
          'Finish the first migration, or declare both as one with defineMigration.',
        )
    }
  return Object.freeze([...migrations])
}

const REMOVE = 'Remove one of the two declarations.'

const columns = (of: readonly MigratingColumn[]): string => of.map(({ name }) => JSON.stringify(name)).join(', ')

/** The same columns and mappings of one table; its id, its flag and whatever else may differ. */
function isSameMapping(a: Migration, b: Migration): boolean {
  const mapping = ({ table, old, new: added, forward, backward }: Migration): string =>
    JSON.stringify([table, old, added, Object.entries(forward).sort(), Object.entries(backward).sort()])
  return mapping(a) === mapping(b)
}

function sharedColumn(a: Migration, b: Migration): string | undefined {
  const sameSchema = a.table.schema === undefined || b.table.schema === undefined || a.table.schema === b.table.schema
  if (a.table.name !== b.table.name || !sameSchema) return undefined
  const columns = new Set([...a.old, ...a.new].map((column) => column.name))
  return [...b.old, ...b.new].find((column) => columns.has(column.name))?.name
}

function refuse(code: CoreErrorCode, migration: Migration, message: string, hint: string): never {
  throw new ExpandContractError(code, { message, hint, migration: migration.id })
}
