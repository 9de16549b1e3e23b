import type { ReasonCode } from '@expand-contract/sql'
import type { Verdict } from './trial.ts'

interface Allowed {
  /** Matched against the id of the example. */
  readonly examples: RegExp
  readonly codes: readonly ReasonCode[]
  readonly why: string
}

/** Statements that may be refused, or kept on the old side: always with one of these reasons, never silently. */
export const ALLOWED: readonly Allowed[] = []

interface Tolerated {
  readonly examples: RegExp
  /** Matched against the difference. */
  readonly difference: RegExp
  readonly why: string
}

/** Differences that an application can see, and that are accepted for the reason given. */
export const TOLERATED: readonly Tolerated[] = []

/** What is wrong with a verdict, or undefined. */
export function disallowed({ example, outcome, reasons, problem }: Verdict): string | undefined {
  const { id } = example
  if (outcome === 'kept' || outcome === 'refused') {
    const unexpected = reasons.filter(
      (code) => !ALLOWED.some((one) => one.examples.test(id) && one.codes.some((allowed) => allowed === code)),
    )
    if (unexpected.length > 0) return `${outcome} because of ${unexpected.join(', ')}: ${problem ?? 'same results'}`
    if (outcome === 'refused') return undefined
  }
  if (problem === undefined) return undefined
  return TOLERATED.some((one) => one.examples.test(id) && one.difference.test(problem)) ? undefined : problem
}
