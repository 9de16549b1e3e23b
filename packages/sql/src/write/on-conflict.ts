import { quoteIdentifier } from '@expand-contract/core'
import type { InferClause, OnConflictClause } from 'libpg-query'
import { nameOfToken } from '../parse/name-token.ts'
import type { Token } from '../parse/source-text.ts'
import { walkExpression } from '../read/expression.ts'
import { innerScope, joinViews, type Scope, viewOf } from '../resolve/scope.ts'
import { bareColumn, type Stance } from '../resolve/stance.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import type { Work } from '../resolve/work.ts'
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
export function planOnConflict(work: Work, { clause, target, scope }: OnConflict): void {
  if (clause.infer) planArbiter(work, clause.infer, target)
  if (clause.action !== 'ONCONFLICT_UPDATE') return
  const view = joinViews(viewOf(target.entry), viewOf(writtenRow(target, 'excluded', false)))
  const level = innerScope(scope, view)
  planAssignments(work, { targets: clause.targetList ?? [], level, target })
  walkExpression(work, clause.whereClause, level)
}

function planArbiter(work: Work, infer: InferClause, target: WriteTarget): void {
  const alone = target.stances.filter((stance) => !stance.writesLogical)
  if (infer.conname !== undefined) {
    for (const stance of alone) constraint(work, infer, stance)
    return
  }
  const open = work.source.tokenFrom(infer.location)
  if (open === undefined || alone.length === 0) return
  const end = infer.whereClause
    ? work.source.expressionEnd(open.index, (token) => token.word === 'DO')
    : work.source.closing(open).index + 1
  for (const stance of alone) {
    const named = work.source.tokens.slice(open.index, end).flatMap((token): readonly Named[] => {
      const name = nameOfToken(work.source.text.slice(token.start, token.end))
      return name !== undefined && stance.compiled.logical.includes(name) ? [{ token, name }] : []
    })
    const plain = (infer.indexElems ?? []).flatMap((item) => ('IndexElem' in item ? [item.IndexElem.name] : []))
    replaceNames(work, stance, named, plain)
  }
}

interface Named {
  readonly token: Token
  readonly name: string
}

/**
 * The shadow columns in place of the logical ones: one for one where they are equal. Otherwise all of them together, since
 * the mapping undoes itself: rows that differ on one side differ on the other.
 */
function replaceNames(
  work: Work,
  stance: Stance,
  named: readonly Named[],
  plain: readonly (string | undefined)[],
): void {
  const bare = named.map(({ name }) => bareColumn(stance, name)?.column)
  if (bare.every((column) => column !== undefined)) {
    for (const [index, { token }] of named.entries()) work.edits.replace(token, quoteIdentifier(bare[index] ?? ''))
    return
  }
  const [first, ...others] = named
  const { logical, shadow } = stance.compiled
  const whole = named.length === logical.length && logical.every((name) => plain.includes(name))
  const wanted = [...plain.filter((name) => name !== undefined && !logical.includes(name)), ...shadow]
  const exists = stance.relation.uniqueKeys.some(
    ({ columns }) =>
      columns.length === wanted.length && wanted.every((name) => name !== undefined && columns.includes(name)),
  )
  if (!whole || !exists || first === undefined)
    throw new Unprovable('write', stance, 'conflict-target', named[0]?.token.start)
  work.edits.replace(first.token, quoted(shadow))
  for (const { token } of others)
    work.edits.remove({ start: work.source.token(token.index - 1)?.start ?? token.start, end: token.end })
}

/**
 * A constraint of a column that is not written, or not there any more, is found under the name that the migration declares
 * for it. One that is of other columns, or that PostgreSQL does not know either, is none of its business.
 */
function constraint(work: Work, infer: InferClause, stance: Stance): void {
  const { conname = '' } = infer
  const { uniqueKeys, constraints = [] } = stance.relation
  const key = [...uniqueKeys, ...constraints].find((each) => each.name === conname)
  const other = counterpartOf(stance.bound, conname)
  const own = key?.columns.some((column) => stance.compiled.logical.includes(column))
  if (!own && (key !== undefined || other === undefined)) return
  const first = work.source.tokenFrom(infer.location)
  const token = first && work.source.token(first.index + 2)
  if (other === undefined || token === undefined || !uniqueKeys.some(({ name }) => name === other))
    throw new Unprovable('write', stance, 'conflict-target', work.source.offset(infer.location))
  work.edits.replace(token, quoteIdentifier(other))
}
