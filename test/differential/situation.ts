import type { Phase, Side } from '@expand-contract/core'
import type { Stage } from './migration-kinds/stage-script.ts'

/** One state of a migration as the application meets it: the recorded phase, the columns that exist, and the flag. */
export interface Situation {
  readonly name: string
  readonly phase: Phase | undefined
  readonly stage: Stage
  readonly flag: boolean
  /** The sides whose columns must hold the application's values after a write. */
  readonly written: readonly Side[]
  readonly read: Side
}

const OLD = ['old'] as const
const BOTH = ['old', 'new'] as const
const NEW = ['new'] as const

/** The flag is true in `off` and `expand` and false in `contract`, where it must not matter. */
export const SITUATIONS: readonly Situation[] = [
  { name: 'off, old only', phase: 'off', stage: 'old', flag: true, written: OLD, read: 'old' },
  { name: 'off, both', phase: 'off', stage: 'both', flag: true, written: OLD, read: 'old' },
  { name: 'expand', phase: 'expand', stage: 'both', flag: true, written: BOTH, read: 'old' },
  { name: 'switch, flag off', phase: 'switch', stage: 'both', flag: false, written: BOTH, read: 'old' },
  { name: 'switch, flag on', phase: 'switch', stage: 'both', flag: true, written: BOTH, read: 'new' },
  { name: 'contract, both', phase: 'contract', stage: 'contract', flag: false, written: NEW, read: 'new' },
  { name: 'contract, new only', phase: 'contract', stage: 'new', flag: false, written: NEW, read: 'new' },
  { name: 'no phase, flag off', phase: undefined, stage: 'both', flag: false, written: BOTH, read: 'old' },
  { name: 'no phase, flag on', phase: undefined, stage: 'both', flag: true, written: BOTH, read: 'old' },
  { name: 'no phase, old only', phase: undefined, stage: 'old', flag: true, written: OLD, read: 'old' },
  { name: 'no phase, new only', phase: undefined, stage: 'new', flag: false, written: NEW, read: 'new' },
]
