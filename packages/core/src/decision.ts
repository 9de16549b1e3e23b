import type { Side } from './migration.ts'
import type { PhysicalState } from './phase.ts'

/** What statements do with the two sides of one migration. */
export interface Decision {
  readonly read: Side
  readonly write: 'old' | 'both' | 'new'
}

export const DECISIONS = {
  oldOnly: { read: 'old', write: 'old' },
  bothReadOld: { read: 'old', write: 'both' },
  bothReadNew: { read: 'new', write: 'both' },
  newOnly: { read: 'new', write: 'new' },
} as const satisfies Record<string, Decision>

const WRITABLE: Readonly<Record<PhysicalState, (decision: Decision) => Decision>> = {
  old: () => DECISIONS.oldOnly,
  both: (decision) => decision,
  new: () => DECISIONS.newOnly,
}

/**
 * The decision for a write rule and a read side. The side that is read is always written, so that a transaction which
 * is pinned to one side still reads its own writes when the phase moves on under it; a column that is not there is
 * neither read nor written.
 */
export function decisionFor(write: Decision['write'], read: Side, physical: PhysicalState): Decision {
  const wide = write === read || write === 'both' ? write : 'both'
  if (wide === 'both') return WRITABLE[physical](read === 'old' ? DECISIONS.bothReadOld : DECISIONS.bothReadNew)
  return WRITABLE[physical](wide === 'old' ? DECISIONS.oldOnly : DECISIONS.newOnly)
}

/** Read sides that were decided, by migration id, for as long as one request or one transaction lasts. */
export type Pins = Map<string, Side>
