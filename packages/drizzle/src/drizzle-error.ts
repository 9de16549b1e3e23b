import { ExpandContractError } from '@expand-contract/core'
import type { DrizzleErrorCode } from './error-catalogue.ts'

/** Raises an error of this package. */
export function refuse(code: DrizzleErrorCode, message: string, hint: string): never {
  throw new ExpandContractError(code, { message, hint })
}
