import type { Phase } from './phase.ts'

/** What an operator does to a migration; each is one command. */
export type OperationName =
  | 'expand'
  | 'backfill'
  | 'verify'
  | 'repair'
  | 'switch'
  | 'rollback'
  | 'backup'
  | 'contract'
  | 'hold'
  | 'unhold'
  | 'drop'
  | 'restore'

/**
 * Which operation is legal in a phase, and the phase it leads to. What else an operation asks for (a clean verification,
 * acknowledgements, a backup) are its gates; these are the moves that no gate can open.
 */
export const TRANSITIONS: Readonly<Record<Phase, Readonly<Partial<Record<OperationName, Phase>>>>> = Object.freeze({
  off: Object.freeze({ expand: 'expand' }),
  expand: Object.freeze({
    expand: 'expand',
    backfill: 'expand',
    verify: 'expand',
    repair: 'expand',
    switch: 'switch',
    rollback: 'off',
  }),
  switch: Object.freeze({
    backfill: 'switch',
    verify: 'switch',
    repair: 'switch',
    backup: 'switch',
    contract: 'contract',
    rollback: 'expand',
  }),
  contract: Object.freeze({
    verify: 'contract',
    repair: 'contract',
    backup: 'contract',
    hold: 'hold',
    rollback: 'switch',
  }),
  hold: Object.freeze({
    verify: 'hold',
    backup: 'hold',
    unhold: 'contract',
    drop: 'dropped',
    rollback: 'contract',
  }),
  dropped: Object.freeze({
    restore: 'contract',
  }),
} as const)

/** The operations that are legal in a phase. */
export const OPERATIONS: Readonly<Record<Phase, readonly OperationName[]>> = Object.freeze({
  off: operationsOf('off'),
  expand: operationsOf('expand'),
  switch: operationsOf('switch'),
  contract: operationsOf('contract'),
  hold: operationsOf('hold'),
  dropped: operationsOf('dropped'),
})

/** The phase after an operation; undefined where it is not legal in `phase`. */
export function phaseAfter(phase: Phase, operation: OperationName): Phase | undefined {
  return TRANSITIONS[phase][operation]
}

/** True when one operation leads from one phase to the other; a phase leads to itself by those that keep it. */
export function isTransition(from: Phase, to: Phase): boolean {
  return Object.values(TRANSITIONS[from]).includes(to)
}

function operationsOf(phase: Phase): readonly OperationName[] {
  return Object.freeze(Object.keys(TRANSITIONS[phase]) as OperationName[])
}
