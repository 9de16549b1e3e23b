import {
  ExpandContractError,
  type MappingTable,
  type MigratingColumn,
  type Migration,
  type Side,
} from '@expand-contract/core'
import { compileTemplate, type Template } from './mapping-template.ts'

/** How one column is computed from the other side: the value of one column, or an expression. */
export type CompiledMapping =
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'sql'; readonly template: Template }

/** A migration as the rewriter uses it: the application's side is logical, the other is the shadow. */
export interface CompiledMigration {
  readonly migration: Migration
  readonly logicalSide: Side
  readonly logical: readonly string[]
  readonly shadow: readonly string[]
  /** Logical column to its value over shadow columns. */
  readonly toLogical: ReadonlyMap<string, CompiledMapping>
  /** Shadow column to its value over logical columns. */
  readonly toShadow: ReadonlyMap<string, CompiledMapping>
}

/** @throws EC_EXPRESSION, EC_MAPPING_COLUMN */
export function compileMigration(migration: Migration): CompiledMigration {
  const old = migration.old.map(nameOf)
  const added = migration.new.map(nameOf)
  const forward = compileTable(migration, migration.forward, old)
  const backward = compileTable(migration, migration.backward, added)
  return migration.app === 'old'
    ? { migration, logicalSide: 'old', logical: old, shadow: added, toLogical: backward, toShadow: forward }
    : { migration, logicalSide: 'new', logical: added, shadow: old, toLogical: forward, toShadow: backward }
}

/** The migrations of which a mapping is not accepted, each with the first error. `loadParser` must have been awaited. */
export function mappingErrors(migrations: readonly Migration[]): ReadonlyMap<string, ExpandContractError> {
  const errors = new Map<string, ExpandContractError>()
  for (const migration of migrations)
    try {
      compileMigration(migration)
    } catch (error) {
      if (!ExpandContractError.isInstance(error)) throw error
      errors.set(migration.id, error)
    }
  return errors
}

const nameOf = (column: MigratingColumn): string => column.name

function compileTable(
  migration: Migration,
  mappings: MappingTable,
  sources: readonly string[],
): ReadonlyMap<string, CompiledMapping> {
  return new Map(
    Object.entries(mappings).map(([target, mapping]) => [
      target,
      mapping.kind === 'column'
        ? mapping
        : { kind: 'sql', template: compileTemplate(mapping, { migration: migration.id, target, sources }) },
    ]),
  )
}
