import type { Observer, Pins } from '@expand-contract/core'
import type { Plan } from '@expand-contract/sql'
import type { StatementToPlan } from './session.ts'

/** Called for each statement on a migrating table, once, when it is sent or refused. */
export type OnPlan = (plan: Plan, statement: StatementToPlan, pins: Pins | undefined) => void

/** Tells the observer; undefined when it does not listen, so that nothing is made up for it. */
export function planReporter(observer: Observer): OnPlan | undefined {
  if (observer.onStatement === undefined) return undefined
  return ({ outcome, command, reads, reasons }, { scope }, pins) =>
    observer.onStatement?.({ outcome, command, reads, reasons, scope, transaction: pins ?? new Map() })
}
