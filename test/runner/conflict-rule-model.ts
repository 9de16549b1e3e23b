/**
 * The conflict rule of the sync trigger, said without PostgreSQL: what becomes of a row that somebody has written. Values are texts as
 * PostgreSQL prints them.
 */

export type Value = string | null
export type Values = readonly Value[]

export interface Row {
  readonly old: Values
  readonly new: Values
}

/** A default of a side: of one value, or drawn, so that it cannot be told from a value that was given. */
export type Default = 'none' | 'drawn' | { readonly value: string }

/** Both mappings as functions of all columns of a side; undefined where they fail. */
export interface PairModel {
  readonly forward: (old: Values) => Values | undefined
  readonly backward: (added: Values) => Values | undefined
  readonly oldDefault: Default
  readonly newDefault: Default
}

/** A row as it would be stored without the trigger. `before` is there for an UPDATE. */
export interface Write {
  readonly before: Row | undefined
  readonly row: Row
}

export interface Outcome {
  /** undefined: the statement fails. */
  readonly row: Row | undefined
  /** Somebody has bypassed the application. */
  readonly counted: boolean
}

export type ModelPhase = 'expand' | 'switch' | 'contract'

const same = (a: Values, b: Values): boolean => a.every((value, index) => value === b[index])
const given = (values: Values): boolean => values.some((value) => value !== null)
const nothing = (values: Values): Values => values.map(() => null)

/** Nobody need have given it. */
const maybeAbsent = (values: Values, by: Default): boolean =>
  by === 'drawn' || values.every((value) => value === null || (by !== 'none' && value === by.value))

export const conflictRule: Readonly<Record<ModelPhase, (pair: PairModel, write: Write) => Outcome>> = {
  expand: oldCounts,
  switch: oldCounts,
  contract: newCounts,
}

function oldCounts(pair: PairModel, { before, row }: Write): Outcome {
  const forward = (old: Values): Values => pair.forward(old) ?? nothing(row.new)
  const follow = (old: Values, counted: boolean): Outcome => ({ row: { old, new: forward(old) }, counted })
  if (same(row.new, forward(row.old))) return { row, counted: false }
  const oldChanged = before !== undefined && !same(row.old, before.old)
  const newChanged = before !== undefined && !same(row.new, before.new)
  const newMeant =
    before === undefined ? given(row.new) && maybeAbsent(row.old, pair.oldDefault) : newChanged && !oldChanged
  if (!newMeant) return follow(row.old, before === undefined || oldChanged)
  // Parts that were not written are as the old side has them, which a row that is not filled yet does not show.
  const meant = row.new.map((value, index) =>
    before === undefined || value !== before.new[index] ? value : (forward(row.old)[index] ?? null),
  )
  const back = pair.backward(meant)
  return back === undefined ? { row: undefined, counted: true } : follow(back, true)
}

function newCounts(pair: PairModel, { before, row }: Write): Outcome {
  const back = pair.backward(row.new) ?? nothing(row.old)
  const oldMeant = (counted: boolean): Outcome => {
    const forth = pair.forward(row.old)
    return { row: forth && { old: row.old, new: forth }, counted }
  }
  const forth = pair.forward(row.old)
  if (forth !== undefined && same(row.new, forth)) return { row, counted: false }
  if (same(row.old, back)) return { row, counted: false }
  if (before === undefined) {
    const oldGiven = given(row.old)
    if (oldGiven && maybeAbsent(row.new, pair.newDefault)) return oldMeant(true)
    return { row: { old: back, new: row.new }, counted: oldGiven }
  }
  const oldChanged = !same(row.old, before.old)
  if (!same(row.new, before.new)) return { row: { old: back, new: row.new }, counted: oldChanged }
  return oldChanged ? oldMeant(true) : { row, counted: false }
}
