import { quoteIdentifier } from '@expand-contract/core'
import type { ConstraintsSetStmt, RangeVar } from 'libpg-query'
import type { BoundMigration, Catalog } from '../catalog/catalog.ts'
import { tablePlace } from '../parse/places.ts'
import type { DecidedMigration } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'

/** Plans SET CONSTRAINTS: what is deferred on one column is deferred on the other. */
export function planSetConstraints(context: PlanContext, { constraints }: ConstraintsSetStmt): void {
  const decidedMigrations = context.catalog.tables.flatMap((table) => context.decidedMigrations(table))
  for (const node of constraints ?? [])
    if ('RangeVar' in node) planConstraint(context, node.RangeVar, decidedMigrations)
}

function planConstraint(context: PlanContext, node: RangeVar, decidedMigrations: readonly DecidedMigration[]): void {
  const { relname = '', schemaname } = node
  const concerned = decidedMigrations.filter(
    ({ bound, relation }) =>
      counterpartOf(bound, relname) !== undefined && (schemaname === undefined || schemaname === relation.schema),
  )
  const exists = ({ relation }: DecidedMigration, name: string): boolean =>
    relation.constraints?.some((each) => each.name === name && each.deferrable) === true
  // PostgreSQL says what is wrong with a name that is not there, or cannot be deferred.
  const others = concerned.flatMap((decided) => {
    const other = counterpartOf(decided.bound, relname)
    if (other === undefined || !exists(decided, other)) return []
    return [`${quoteIdentifier(decided.relation.schema)}.${quoteIdentifier(other)}`]
  })
  if (others.length === 0) return
  const { name } = tablePlace(context.source, node)
  const names = [...new Set(others)].join(', ')
  if (concerned.some((decided) => exists(decided, relname))) context.edits.after(name.end, `, ${names}`)
  else context.edits.replace(name, names)
}

/** What the migration declares for a constraint that the application knows by this name. */
export function counterpartOf({ migration }: Pick<BoundMigration, 'migration'>, name: string): string | undefined {
  for (const [old, added] of Object.entries(migration.constraints)) {
    const [known, other] = migration.app === 'old' ? [old, added] : [added, old]
    if (known === name) return other
  }
  return undefined
}

/** The migrations that declare a counterpart of a constraint which a statement names. */
export function boundsConstrained(names: readonly RangeVar[], { tables }: Catalog): readonly BoundMigration[] {
  if (names.length === 0) return []
  return tables.flatMap(({ migrations }) =>
    migrations.filter((bound) => names.some(({ relname }) => counterpartOf(bound, relname ?? '') !== undefined)),
  )
}
