import type { Catalog } from './catalog/catalog.ts'
import { type DecidedMigrationFinder, relationsOf } from './decided-migration-finder.ts'
import type { ParsedStatement } from './parse/parsed-statement.ts'
import type { DecidedMigration } from './resolve/decided-migration.ts'

/** Migrations whose shadow column the statement assigns itself, as a backfill does, so that the column is its own business. */
export function assignsShadow(
  { assigned, listed }: ParsedStatement,
  catalog: Catalog,
  { fresh }: DecidedMigrationFinder,
): readonly DecidedMigration[] {
  const of = fresh()
  const found = [...assigned, ...listed].flatMap(({ relation, column }) =>
    relationsOf([relation], catalog)
      .flatMap(of)
      .filter(({ compiled }) => compiled.shadow.includes(column)),
  )
  return found.filter(({ bound }, index) => found.findIndex((each) => each.bound === bound) === index)
}
