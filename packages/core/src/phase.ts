import type { Side } from './migration.ts'

/**
 * The stage a migration is in. It is recorded outside the flag system on purpose: the phase clamps the flag, so that
 * no stale, missing or wrong flag can ever select a column that is not verified, or not there.
 */
export type Phase = 'off' | 'expand' | 'switch' | 'contract' | 'hold' | 'dropped'

/** Which columns of a migration exist in the database: all old ones, all of both sides, or all new ones only. */
export type PhysicalState = 'old' | 'both' | 'new'

/** What the application does with the two sides of a migration in one phase. */
export interface PhaseRule {
  /** The columns every write fills. */
  readonly write: 'old' | 'both' | 'new'
  /** The columns every read comes from; `flag` asks the flag source, per request or transaction. */
  readonly read: Side | 'flag'
}

const NEW_ONLY: PhaseRule = Object.freeze({ write: 'new', read: 'new' })

/** Behaviour by phase, all of it: nothing else branches on the phase. */
export const PHASES: Readonly<Record<Phase, PhaseRule>> = Object.freeze({
  off: Object.freeze({ write: 'old', read: 'old' }),
  expand: Object.freeze({ write: 'both', read: 'old' }),
  switch: Object.freeze({ write: 'both', read: 'flag' }),
  contract: NEW_ONLY,
  // The old column has another name, or none: statements go on as in `contract`.
  hold: NEW_ONLY,
  dropped: NEW_ONLY,
})

/**
 * What the columns themselves allow. It is stronger than the phase, so the annotated code runs before, during and
 * after the DDL: with the old column alone it behaves as `off`, with the new one alone as `contract`. While both exist and
 * no phase is recorded, both are written and the old one is read: that a column is there does not say that it is filled,
 * so a flag alone must not move reads to it.
 */
const PHYSICAL: Readonly<Record<PhysicalState, (phase: Phase | undefined) => PhaseRule>> = Object.freeze({
  old: () => PHASES.off,
  both: (phase) => PHASES[phase ?? 'expand'],
  new: () => PHASES.contract,
})

/** True where the new columns alone are read and written: nothing of the old ones is asked of the application any more. */
export const isContracted = (phase: Phase | undefined): boolean => phase !== undefined && PHASES[phase].write === 'new'

/** The rule in force for a phase (undefined: none is recorded, the columns decide) in a physical state. */
export function ruleFor(phase: Phase | undefined, physical: PhysicalState): PhaseRule {
  return PHYSICAL[physical](phase)
}
