import type { MergeStmt, MergeWhenClause, Node } from 'libpg-query'
import { mergeInsertPlaces, mergeWhenPlaces } from '../parse/insert-places.ts'
import type { Range } from '../parse/source-text.ts'
import { walkExpression, walkRow } from '../read/expression.ts'
import { planFrom } from '../read/from-clause.ts'
import { differs } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import {
  type Entry,
  innerScope,
  joinNamespaces,
  type Namespace,
  namespaceOf,
  type OutputColumns,
  type Scope,
} from '../resolve/scope.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { withCtes } from '../resolve/with-clause.ts'
import { planAssignments } from './assignments.ts'
import { insertedRow, planRows, type RowList } from './insert-rows.ts'
import { overridingOf } from './overriding.ts'
import { planReturning } from './returning.ts'
import { isSeveral } from './set-functions.ts'
import { checkWritten, type WriteTarget, writeTarget } from './write-target.ts'

/** Plans a MERGE: each WHEN clause is an UPDATE or an INSERT of its own. */
export function planMerge(context: PlanContext, merge: MergeStmt, outer: Scope): OutputColumns {
  const scope = withCtes(context, merge.withClause, outer)
  const target = writeTarget(context, merge.relation)
  const source = withNull(planFrom(context, merge.sourceRelation ? [merge.sourceRelation] : [], scope))
  const both = innerScope(scope, joinNamespaces(namespaceOf(target.entry), source))
  walkExpression(context, merge.joinCondition, both)
  const whens = mergeWhenPlaces(context.source, merge)
  for (const [index, node] of (merge.mergeWhenClauses ?? []).entries()) {
    if (!('MergeWhenClause' in node)) continue
    const clause = node.MergeWhenClause
    const only = clause.matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_TARGET' ? innerScope(scope, source) : both
    walkExpression(context, clause.condition, only)
    if (clause.commandType === 'CMD_UPDATE') {
      checkWritten(context, target, whens[index]?.start)
      planAssignments(context, { targets: clause.targetList ?? [], level: both, target })
    } else if (clause.commandType === 'CMD_INSERT')
      planMergeInsert(context, { clause, when: whens[index], scope: only, target })
  }
  return planReturning(context, merge.returningClause, { target, scope, from: source })
}

/** WHEN NOT MATCHED BY SOURCE sees a source row of NULLs. */
function withNull(namespace: Namespace): Namespace {
  const entries = new Map<Entry, Entry>(
    namespace.entries.map((entry) => [entry, { ...entry, table: entry.table && { ...entry.table, nullable: true } }]),
  )
  const of = (entry: Entry): Entry => entries.get(entry) ?? entry
  return {
    entries: namespace.entries.map(of),
    columns: namespace.columns.map((column) => ({ ...column, entry: of(column.entry) })),
    plain: namespace.plain.map(of),
  }
}

interface MergeInsert {
  readonly clause: MergeWhenClause
  readonly when: Range | undefined
  readonly scope: Scope
  readonly target: WriteTarget
}

function planMergeInsert(context: PlanContext, { clause, when, scope, target }: MergeInsert): void {
  const names = (clause.targetList ?? []).flatMap((node: Node) =>
    'ResTarget' in node ? [node.ResTarget.name ?? ''] : [],
  )
  checkWritten(context, target, when?.start)
  walkRow(context, clause.values, scope)
  if (target.decidedMigrations.length === 0 || when === undefined) return
  const decided = target.decidedMigrations.find((each) => each.writesShadow || (names.length === 0 && differs(each)))
  if (decided && clause.values?.some(isSeveral)) throw new Unprovable('write', decided, 'several-columns', when.start)
  const rows: RowList = {
    target,
    names,
    places: mergeInsertPlaces(context.source, when),
    overriding: overridingOf(clause.override),
    inPlace: true,
  }
  if (clause.values) planRows(context, rows, [{ List: { items: clause.values } }])
  else insertedRow(context, rows)
}
