import { PHASES, type Phase } from '@expand-contract/core'

/** Phases in the order in which a migration goes through them. */
export const PHASE_ORDER = Object.keys(PHASES) as readonly Phase[]
