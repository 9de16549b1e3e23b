import { ExpandContractError } from '@expand-contract/core'
import type { PostgresJsErrorCode } from './error-catalogue.ts'

/** @throws EC_POSTGRES_JS_FILE */
export function refuseFile(): never {
  const code: PostgresJsErrorCode = 'EC_POSTGRES_JS_FILE'
  throw new ExpandContractError(code, {
    message: 'sql.file was not called, because postgres-js reads and sends the text without showing it.',
    hint: "Write sql.unsafe(await readFile(path, 'utf8'), parameters) instead.",
  })
}

/** A transaction on whatever connection: as the driver has it, for whom it is too late then. */
export const unsafeTransaction = (): Error =>
  Object.assign(new Error('UNSAFE_TRANSACTION: Only use sql.begin, sql.reserved or max: 1'), {
    code: 'UNSAFE_TRANSACTION',
  })
