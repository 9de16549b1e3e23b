import { quoteIdentifier } from '@expand-contract/core'
import type { InferClause, OnConflictClause } from 'libpg-query'
import { arbiterNames, constraintPlace, type NamePlace } from '../parse/assignment-places.ts'
import { withCommaBefore } from '../parse/places.ts'
import { walkExpression } from '../read/expression.ts'
import { bareColumn, type DecidedMigration } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { innerScope, joinNamespaces, namespaceOf, type Scope } from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { planAssignments } from './assignments.ts'
import { counterpartOf } from './set-constraints.ts'
import { type WriteTarget, writtenRow } from './write-target.ts'
import { quoted } from './written-values.ts'

interface OnConflict {
  readonly clause: OnConflictClause
  readonly target: WriteTarget
  readonly scope: Scope
}

/** Plans ON CONFLICT: the arbiter stays on the logical column while that is written, and so does `excluded`. */
export function planOnConflict(context: PlanContext, { clause, target, scope }: OnConflict): void {
  if (clause.infer) planArbiter(context, clause.infer, target)
  if (clause.action !== 'ONCONFLICT_UPDATE') return
  const namespace = joinNamespaces(namespaceOf(target.entry), namespaceOf(writtenRow(target, 'excluded', false)))
  const level = innerScope(scope, namespace)
  planAssignments(context, { targets: clause.targetList ?? [], level, target })
  walkExpression(context, clause.whereClause, level)
}

function planArbiter(context: PlanContext, infer: InferClause, target: WriteTarget): void {
  const alone = target.decidedMigrations.filter((decided) => !decided.writesLogical)
  if (infer.conname !== undefined) {
    for (const decided of alone) constraint(context, infer, decided)
    return
  }
  if (alone.length === 0) return
  const names = arbiterNames(context.source, infer)
  for (const decided of alone) {
    const named = names.filter(({ name }) => decided.compiled.logical.includes(name))
    const plain = (infer.indexElems ?? []).flatMap((item) => ('IndexElem' in item ? [item.IndexElem.name] : []))
    replaceNames(context, decided, named, plain)
  }
}

/**
 * The shadow columns in place of the logical ones: one for one where they are equal. Otherwise all of them together, since
 * the mapping undoes itself: rows that differ on one side differ on the other.
 */
function replaceNames(
  context: PlanContext,
  decided: DecidedMigration,
  named: readonly NamePlace[],
  plain: readonly (string | undefined)[],
): void {
  const bare = named.map(({ name }) => bareColumn(decided, name)?.column)
  if (bare.every((column) => column !== undefined)) {
    for (const [index, { place }] of named.entries()) context.edits.replace(place, quoteIdentifier(bare[index] ?? ''))
    return
  }
  const [first, ...others] = named
  const { logical, shadow } = decided.compiled
  const whole = named.length === logical.length && logical.every((name) => plain.includes(name))
  const wanted = [...plain.filter((name) => name !== undefined && !logical.includes(name)), ...shadow]
  const exists = decided.relation.uniqueKeys.some(
    ({ columns }) =>
      columns.length === wanted.length && wanted.every((name) => name !== undefined && columns.includes(name)),
  )
  if (!whole || !exists || first === undefined)
    throw new Unprovable('write', decided, 'conflict-target', first?.place.start)
  context.edits.replace(first.place, quoted(shadow))
  for (const { place } of others) context.edits.remove(withCommaBefore(context.source, place))
}

/**
 * A constraint of a column that is not written, or not there any more, is found under the name that the migration declares
 * for it. One that is of other columns, or that PostgreSQL does not know either, is none of its business.
 */
function constraint(context: PlanContext, infer: InferClause, decided: DecidedMigration): void {
  const { conname = '' } = infer
  const { uniqueKeys, constraints = [] } = decided.relation
  const key = [...uniqueKeys, ...constraints].find((each) => each.name === conname)
  const other = counterpartOf(decided.bound, conname)
  const own = key?.columns.some((column) => decided.compiled.logical.includes(column))
  if (!own && (key !== undefined || other === undefined)) return
  const place = constraintPlace(context.source, infer)
  if (other === undefined || place === undefined || !uniqueKeys.some(({ name }) => name === other))
    throw new Unprovable('write', decided, 'conflict-target', context.source.offset(infer.location))
  context.edits.replace(place, quoteIdentifier(other))
}
