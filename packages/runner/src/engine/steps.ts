import { backfillStep } from '../backfill/backfill-step.ts'
import type { ExpandOptions } from '../operations/expand.ts'
import { repairStep } from '../repair/repair-step.ts'
import { runExpand } from '../run-expand.ts'
import { type RunParity, runParity } from '../run-parity.ts'
import { verifyStep } from '../verify/verify-step.ts'
import { actionsStep } from './actions-step.ts'

/**
 * Every operation that may take long, as a step that a job engine drives: it calls one until it is `done`, after `retryAfterMs` each time.
 * docs/engines.md has a whole example.
 */
export const STEPS = Object.freeze({
  expand: actionsStep<Pick<ExpandOptions, 'confirmed'>>('expand', runExpand),
  parity: actionsStep<Pick<RunParity, 'beside'>>('parity', runParity),
  backfill: backfillStep,
  verify: verifyStep,
  repair: repairStep,
})

export type StepName = keyof typeof STEPS
