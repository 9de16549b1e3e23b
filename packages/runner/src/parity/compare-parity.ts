import { quoteIdentifier } from '@expand-contract/core'
import { qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { checkParity } from './check-parity.ts'
import { columnParity, drawnParity, grantParity } from './column-parity.ts'
import { foreignKeyParity } from './foreign-key-parity.ts'
import { indexParity } from './index-parity.ts'
import { notNullParity } from './not-null-parity.ts'
import type { Parity, ParityKind } from './parity.ts'
import { ParityContext, type ParityPart } from './parity-context.ts'
import type { ParityFacts } from './parity-facts.ts'
import { peopleParity } from './people-parity.ts'
import { STATISTICS, statisticsParity } from './statistics-parity.ts'

/** What the new columns lack of what the old ones have, from facts alone. `loadParser` of `@expand-contract/sql` must have been awaited. */
export function compareParity(shape: SyncShape, facts: ParityFacts): Parity {
  const context = new ParityContext(shape, facts)
  drawnParity(context)
  const parts = [
    ...grantParity(context),
    ...columnParity(context),
    ...checkParity(context),
    ...indexParity(context),
    ...notNullParity(context),
    ...foreignKeyParity(context),
    ...statisticsParity(context),
  ]
  peopleParity(context)
  const open = parts.filter(({ actions, withColumns = [] }) => actions.length + withColumns.length > 0)
  const building = open.some(({ kind, actions }) => ANALYZED.has(kind) && actions.length > 0)
  const analyze = analyzeParity(context, building)
  const met: Partial<Record<ParityKind, number>> = {}
  for (const part of parts) if (!open.includes(part)) met[part.kind] = (met[part.kind] ?? 0) + 1
  return {
    withColumns: open.flatMap(({ withColumns = [] }) =>
      withColumns.map((action) => ({ ...action, transaction: 'expand' })),
    ),
    afterBackfill: [...open, ...analyze].flatMap(({ actions }) => actions),
    missing: [...open, ...analyze].map(({ what }) => what),
    ...{ forPeople: context.forPeople, later: context.later, met, lacking: [...context.lacking] },
  }
}

const ANALYZED: ReadonlySet<ParityKind> = new Set(['index', 'unique', 'statistics'])

/**
 * The planner knows nothing of a column that was filled, nor of the expressions of a new index: one such, after an index was built anew, was 70
 * minutes of an outage (GitLab production#2885).
 */
function analyzeParity(context: ParityContext, building: boolean): readonly ParityPart[] {
  const { members, indexes } = context.facts
  const unknown = members.filter(
    ({ oid, bytes, rows, columns }) =>
      bytes > 0 &&
      rows !== 0 &&
      (indexes.some(
        (index) => index.member === oid && index.valid && !index.analyzed && context.isNew(index.columns),
      ) ||
        columns.some(({ name, analyzed }) => context.newNames.has(name) && !analyzed)),
  )
  const stale = building ? members.filter(({ kind }) => kind === 'r') : unknown
  // ANALYZE of a partitioned table goes through its partitions; that of a parent by inheritance does not.
  const roots = members.filter(
    (member) =>
      !member.partition &&
      member.kind !== 'f' &&
      stale.some(({ oid }) => oid === member.oid || (member.kind === 'p' && isBelow(context.facts, oid, member.oid))),
  )
  return roots.map(({ schema, name, oid }) => {
    const table = qualified(schema, name)
    const action = context.action({
      ...{ sql: `ANALYZE ${table}`, table, lock: 'SHARE UPDATE EXCLUSIVE', transaction: STATISTICS },
      ...{ why: 'So that the planner knows the new column.', estimate: context.scan(context.member(oid)) },
    })
    return {
      kind: 'analyze',
      what: `statistics of ${[...context.newNames].map((each) => quoteIdentifier(each)).join(', ')} on ${name}`,
      actions: [action],
    }
  })
}

function isBelow(facts: ParityFacts, oid: number, above: number): boolean {
  const parent = facts.members.find((member) => member.oid === oid)?.parent ?? null
  return parent !== null && (parent === above || isBelow(facts, parent, above))
}
