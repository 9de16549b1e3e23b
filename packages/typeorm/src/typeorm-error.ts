import { type ErrorFacts, ExpandContractError } from '@expand-contract/core'
import type { TypeormErrorCode } from './error-catalogue.ts'

export function typeormError(code: TypeormErrorCode, facts: ErrorFacts): ExpandContractError<TypeormErrorCode> {
  return new ExpandContractError(code, facts)
}
