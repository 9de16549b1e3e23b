import type { ControlErrorCode } from '@expand-contract/control'
import { type ErrorFacts, ExpandContractError } from '@expand-contract/core'
import type { RunnerErrorCode } from './error-catalogue.ts'

/** An error of this package, by a code of its catalogue. */
export const runnerError = (code: RunnerErrorCode | ControlErrorCode, facts: ErrorFacts): ExpandContractError =>
  new ExpandContractError(code, facts)

/** The SQLSTATE of an error of the database, whatever the driver. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' && /^[\dA-Z]{5}$/u.test(error.code) ? error.code : undefined
}
