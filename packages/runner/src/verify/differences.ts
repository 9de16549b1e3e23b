import { type Phase, quoteIdentifier } from '@expand-contract/core'
import { type ComputedColumn, computedColumns } from '../rows/computed.ts'
import { cannotFail, takesAll } from '../sql/mapping-sql.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { outOfStep } from '../sql/sync-trigger.ts'

/**
 * How a row can be out of step.
 *
 * - `new_missing`: a new column is null, and its value over the old ones is not.
 * - `new_orphan`: a new column has a value, and its value over the old ones is null.
 * - `differs`: both are set, and the new one is another value.
 * - `way_back`: in step, and the old value does not come back: `backward(new)` is another one. In `contract`: in step in neither direction.
 * - `unconvertible`: a mapping fails for the row, or its value does not fit into the column.
 */
export const DIFFERENCE_CLASSES = ['new_missing', 'new_orphan', 'differs', 'way_back', 'unconvertible'] as const

export type DifferenceClass = (typeof DIFFERENCE_CLASSES)[number]

/** SQL conditions over one row; at most one of them is true. Most rows that are `unconvertible` raise in each of them. */
export type Differences = Readonly<Record<DifferenceClass, string>>

/**
 * In `contract` the new side is authoritative, and a lossy pair may have `new <> forward(old)`: in step is what comes back. So is what `switch` has left and
 * what a restore has brought, of which the new column says what the old one does, and a value does not come back: the sync trigger has it so in every phase.
 */
const LOOKS_FORWARD: Readonly<Record<Phase, boolean>> = {
  off: true,
  expand: true,
  switch: true,
  contract: false,
  hold: false,
  dropped: false,
}

const either = (columns: readonly ComputedColumn[], of: (column: ComputedColumn) => string): string =>
  columns.length === 0 ? 'false' : columns.map((column) => `(${of(column)})`).join(' OR ')

export function differencesOf(shape: SyncShape, phase: Phase, helper = true): Differences {
  const { forward, backward } = columnsOf(shape, phase)
  const apart = apartOf(shape, phase, helper)
  const missing = either(forward, ({ name, isNull }) => `${name} IS NULL AND NOT ${isNull}`)
  const orphan = either(forward, ({ name, isNull }) => `${name} IS NOT NULL AND ${isNull}`)
  const wrong = either(forward, ({ differs }) => differs)
  const back = either(backward, ({ differs }) => differs)
  const [long, backLong] = [forward, backward].map(tooLong)
  return {
    new_missing: `(${missing}) AND NOT (${long})`,
    new_orphan: `(${orphan}) AND NOT (${missing}) AND NOT (${long})`,
    differs: `(${wrong}) AND NOT (${missing}) AND NOT (${orphan}) AND NOT (${long})`,
    way_back: apart(`(${back}) AND NOT (${wrong}) AND NOT (${backLong})`),
    unconvertible: apart(`(${long}) OR ((${backLong}) AND NOT (${wrong}))`),
  }
}

/** Where the phase looks back alone, a row that is in step by the rule of the trigger is not looked at. `helper`: its function is there. */
function apartOf(shape: SyncShape, phase: Phase, helper: boolean): (condition: string) => string {
  if (LOOKS_FORWARD[phase] || !(helper || cannotFail(shape))) return (condition) => condition
  const apart = outOfStep(shape, quoteIdentifier)
  return (condition) => `CASE WHEN ${apart} THEN ${condition} ELSE false END`
}

const tooLong = (columns: readonly ComputedColumn[]): string =>
  either(
    columns.filter((column) => column.tooLong !== undefined),
    (column) => column.tooLong?.condition ?? 'false',
  )

/** PostgreSQL's SQLSTATE of a row whose value is too long; null of any other. */
export function lengthCode(shape: SyncShape, phase: Phase): string {
  const { forward, backward } = columnsOf(shape, phase)
  const cases = [...forward, ...backward].flatMap(({ tooLong: check }) =>
    check === undefined ? [] : [`WHEN ${check.condition} THEN '${check.code}'`],
  )
  return cases.length === 0 ? 'NULL' : `CASE ${cases.join(' ')} END`
}

/** One condition that is true where any of them is, with each mapping computed once. */
export function anyDifference(shape: SyncShape, phase: Phase, helper = true): string {
  const { forward, backward } = columnsOf(shape, phase)
  return apartOf(shape, phase, helper)(either([...forward, ...backward], ({ differs }) => differs))
}

function columnsOf(
  shape: SyncShape,
  phase: Phase,
): { readonly forward: readonly ComputedColumn[]; readonly backward: readonly ComputedColumn[] } {
  return {
    forward: LOOKS_FORWARD[phase] ? computedColumns(shape, 'new') : [],
    backward: looksBack(shape, phase) ? computedColumns(shape, 'old') : [],
  }
}

/** What is in step comes back by itself where each old column is copied into one that takes all of its values, and copied back from it. */
function looksBack(shape: SyncShape, phase: Phase): boolean {
  return !(oldComesBack(shape) && LOOKS_FORWARD[phase])
}

/** Each old column is copied into one that takes all of its values, and copied back from it. */
export function oldComesBack(shape: SyncShape): boolean {
  const { forward, backward } = shape.migration
  return shape.old.every(({ declared }) => {
    const back = backward[declared]
    const column = shape.new.find((each) => back?.kind === 'column' && each.declared === back.column)
    const there = column && forward[column.declared]
    return column !== undefined && there?.kind === 'column' && there.column === declared && takesAll(shape, column)
  })
}
