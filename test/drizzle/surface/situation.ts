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
  /** Steps that are refused here, with the reason's code; they are answered as the twin answers in every other situation. */
  readonly refuses: Readonly<Record<string, string>>
}

const NOTHING = {}

/** While both columns exist and the old one is not written, a view may be on either. */
const VIEW = { 'select: a view over the table': 'read-through-view' }

export const SITUATIONS: readonly Situation[] = [
  { name: 'off', phase: 'off', stage: 'old', flags: true, inStep: false, refuses: NOTHING },
  { name: 'expand', phase: 'expand', stage: 'both', flags: true, inStep: true, refuses: NOTHING },
  { name: 'switch, flags off', phase: 'switch', stage: 'both', flags: false, inStep: true, refuses: NOTHING },
  { name: 'switch, flags on', phase: 'switch', stage: 'both', flags: true, inStep: true, refuses: NOTHING },
  { name: 'contract, both columns', phase: 'contract', stage: 'contract', flags: false, inStep: false, refuses: VIEW },
  { name: 'contract, new columns only', phase: undefined, stage: 'new', flags: false, inStep: false, refuses: NOTHING },
]
