import type { MergeStmt, MergeWhenClause, Node } from 'libpg-query'
import type { Token } from '../parse/source-text.ts'
import { walkExpression, walkRow } from '../read/expression.ts'
import { fromView } from '../read/from-clause.ts'
import {
  type Entry,
  innerScope,
  joinViews,
  type OutputColumns,
  type Scope,
  type View,
  viewOf,
} from '../resolve/scope.ts'
import { differs } from '../resolve/stance.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { withCtes } from '../resolve/with-clause.ts'
import type { Work } from '../resolve/work.ts'
import { planAssignments } from './assignments.ts'
import { type InsertLayout, overridingToken } from './insert-columns.ts'
import { insertedRow, planRows, type RowList } from './insert-rows.ts'
import { overridingOf } from './overriding.ts'
import { planReturning } from './returning.ts'
import { isSeveral } from './set-functions.ts'
import { checkWritten, type WriteTarget, writeTarget } from './write-target.ts'

/** Plans a MERGE: each WHEN clause is an UPDATE or an INSERT of its own. */
export function planMerge(work: Work, merge: MergeStmt, outer: Scope): OutputColumns {
  const scope = withCtes(work, merge.withClause, outer)
  const target = writeTarget(work, merge.relation)
  const source = withNull(fromView(work, merge.sourceRelation ? [merge.sourceRelation] : [], scope))
  const both = innerScope(scope, joinViews(viewOf(target.entry), source))
  walkExpression(work, merge.joinCondition, both)
  const whens = whenTokens(work, work.source.tokenAt(merge.relation?.location))
  for (const [index, node] of (merge.mergeWhenClauses ?? []).entries()) {
    if (!('MergeWhenClause' in node)) continue
    const clause = node.MergeWhenClause
    const only = clause.matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_TARGET' ? innerScope(scope, source) : both
    walkExpression(work, clause.condition, only)
    if (clause.commandType === 'CMD_UPDATE') {
      checkWritten(work, target, [], whens[index]?.start)
      planAssignments(work, { targets: clause.targetList ?? [], level: both, target })
    } else if (clause.commandType === 'CMD_INSERT')
      planMergeInsert(work, { clause, when: whens[index], scope: only, target })
  }
  return planReturning(work, merge.returningClause, { target, scope, from: source })
}

/** WHEN NOT MATCHED BY SOURCE sees a source row of NULLs. */
function withNull(view: View): View {
  const entries = new Map<Entry, Entry>(
    view.entries.map((entry) => [entry, { ...entry, table: entry.table && { ...entry.table, nullable: true } }]),
  )
  const of = (entry: Entry): Entry => entries.get(entry) ?? entry
  return {
    entries: view.entries.map(of),
    columns: view.columns.map((column) => ({ ...column, entry: of(column.entry) })),
    plain: view.plain.map(of),
  }
}

/** The WHEN tokens of a MERGE, those of CASE left out. */
function whenTokens(work: Work, from: Token): readonly Token[] {
  const tokens: Token[] = []
  for (let at = from.index; at < work.source.tokens.length; ) {
    const index = work.source.expressionEnd(at, (token) => token.word === 'WHEN')
    const token = work.source.token(index)
    if (token?.word !== 'WHEN') break
    tokens.push(token)
    at = index
  }
  return tokens
}

interface MergeInsert {
  readonly clause: MergeWhenClause
  readonly when: Token | undefined
  readonly scope: Scope
  readonly target: WriteTarget
}

function planMergeInsert(work: Work, { clause, when, scope, target }: MergeInsert): void {
  const names = (clause.targetList ?? []).flatMap((node: Node) =>
    'ResTarget' in node ? [node.ResTarget.name ?? ''] : [],
  )
  checkWritten(work, target, names, when?.start)
  walkRow(work, clause.values, scope)
  if (target.stances.length === 0 || when === undefined) return
  const stance = target.stances.find((each) => each.writesShadow || (names.length === 0 && differs(each)))
  if (stance && clause.values?.some(isSeveral)) throw new Unprovable('write', stance, 'several-columns', when.start)
  const rows: RowList = {
    target,
    names,
    layout: layoutOf(work, when),
    overriding: overridingOf(clause.override),
    inPlace: true,
  }
  if (clause.values) planRows(work, rows, [{ List: { items: clause.values } }])
  else insertedRow(work, rows)
}

/** Where the parts of `WHEN … THEN INSERT (…) VALUES (…)` stand. */
function layoutOf(work: Work, when: Token): InsertLayout {
  const { source } = work
  const insert = source.token(source.expressionEnd(when.index + 1, (token) => token.word === 'INSERT'))
  if (insert === undefined) throw new RangeError('a MERGE clause without INSERT')
  const next = source.token(insert.index + 1)
  const list = next?.word === '(' ? next : undefined
  let at = list ? source.closing(list).index + 1 : insert.index + 1
  const overriding = overridingToken(source.token(at))
  if (overriding) at += 3
  return { table: insert, list, overriding, source: source.token(at), end: undefined }
}
