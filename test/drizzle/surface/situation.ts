import type { Phase } from '@expand-contract/core'
import type { Stage } from './stage-script.ts'

/** A state of the migrations as the application meets it. The flags are set wherever they must not matter. */
export interface Situation {
  readonly name: string
  readonly phase: Phase | undefined
  readonly stage: Stage
  readonly flags: boolean
  /** Whether both columns must agree after each write. */
  readonly inStep: boolean
}

export const SITUATIONS: readonly Situation[] = [
  { name: 'off', phase: 'off', stage: 'old', flags: true, inStep: false },
  { name: 'expand', phase: 'expand', stage: 'both', flags: true, inStep: true },
  { name: 'switch, flags off', phase: 'switch', stage: 'both', flags: false, inStep: true },
  { name: 'switch, flags on', phase: 'switch', stage: 'both', flags: true, inStep: true },
  { name: 'contract, both columns', phase: 'contract', stage: 'contract', flags: false, inStep: false },
  { name: 'contract, new columns only', phase: undefined, stage: 'new', flags: false, inStep: false },
]
