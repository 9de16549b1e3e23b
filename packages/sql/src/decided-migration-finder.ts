import type { Decision } from '@expand-contract/core'
import type { RangeVar } from 'libpg-query'
import type { BoundMigration, Catalog, Relation } from './catalog/catalog.ts'
import type { CompiledMigration } from './mapping/compiled-migration.ts'
import { type DecidedMigration, decidedMigrationOf } from './resolve/decided-migration.ts'

/** Finds the decided migrations of a relation, for one statement. */
export interface DecidedMigrationFinder {
  readonly of: (relation: Relation) => readonly DecidedMigration[]
  /** A finder for one attempt: the same decided migration for the same migration throughout. */
  readonly fresh: () => (relation: Relation) => readonly DecidedMigration[]
}

export function decidedMigrationFinder(
  compiled: ReadonlyMap<string, CompiledMigration>,
  decisionOf: (bound: BoundMigration) => Decision,
  factsOf: (bound: BoundMigration) => Partial<DecidedMigration>,
): DecidedMigrationFinder {
  const of = (relation: Relation): readonly DecidedMigration[] =>
    relation.migrations.flatMap((bound) => {
      const mapping = compiled.get(bound.migration.id)
      return mapping && bound.physical !== 'incomplete'
        ? [{ ...decidedMigrationOf(bound, mapping, relation, decisionOf(bound)), ...factsOf(bound) }]
        : []
    })
  return {
    of,
    fresh() {
      const known = new Map<Relation, readonly DecidedMigration[]>()
      return (relation) => {
        const decidedMigrations = known.get(relation) ?? of(relation)
        known.set(relation, decidedMigrations)
        return decidedMigrations
      }
    },
  }
}

/** The relations that names in a statement stand for, as far as they are known. */
export const relationsOf = (named: readonly RangeVar[], catalog: Catalog): readonly Relation[] =>
  named.flatMap((node) => catalog.relation(node.schemaname, node.relname ?? '') ?? [])
