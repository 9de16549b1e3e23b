import { types } from 'node:util'
import { ExpandContractError } from '@expand-contract/core'
import type { Asking, OwnQuery, OwnQueryResult } from './own-query.ts'
import { parameterText } from './parameter-text.ts'

/** As PostgreSQL says that a statement was cancelled: by a timeout, or by somebody. */
const CANCELLED = '57014'
const NO_TRANSACTION = '25P01'

const UNHURRIED = 'SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0'
const SAVEPOINT = 'expand_contract_catalog'
const BACK = `ROLLBACK TO SAVEPOINT ${SAVEPOINT}; RELEASE SAVEPOINT ${SAVEPOINT}`

const outside = (text: string): string => `${UNHURRIED}; ${text}`
const inside = (text: string): string => `SAVEPOINT ${SAVEPOINT}; ${UNHURRIED}; ${text}; ${BACK}`

/**
 * Runs queries of ours without the timeouts that a role, a database or a session has for the statements of the application:
 * on a new connection PostgreSQL takes 20 to 90 ms to read the catalog for the first time. Settings and query are one text,
 * which is one transaction, so nothing of it stays and no pooler can part it. In a transaction of the application
 * the text takes itself back to a savepoint, and so does one that fails.
 */
export function* unhurried<T>(work: Asking<T>, inTransaction: boolean): Asking<T> {
  let sent = inTransaction ? inside : outside
  let step = work.next()
  while (step.done !== true) {
    const query: OwnQuery = { ...step.value, text: withLiterals(step.value), values: [], sent }
    let answer: OwnQueryResult
    try {
      answer = yield query
    } catch (error) {
      if (sent === inside && codeOf(error) === NO_TRANSACTION) {
        sent = outside
        continue
      }
      if (sent === inside && canGoOn(error)) yield* takenBack()
      step = work.throw(error)
      continue
    }
    step = work.next(answer)
  }
  return step.value
}

/** The error that stays is the first one. */
function* takenBack(): Asking<void> {
  try {
    yield { text: BACK, values: [] }
  } catch {}
}

/** True when the database has refused a query of ours, or we its answer, and it will answer another one. */
export const canGoOn = (error: unknown): boolean =>
  ExpandContractError.isInstance(error) ||
  (codeOf(error) !== undefined && !isCancelled(error) && !endsConnection(error))

/** Told by the code: the word for FATAL is another in each language. */
export const endsConnection = (error: unknown): boolean => /^(?:57P|08|25P0[34])/u.test(codeOf(error) ?? '')

/** Somebody has cancelled it: no timeout could. */
export const isCancelled = (error: unknown): error is Error => codeOf(error) === CANCELLED

const codeOf = (error: unknown): string | undefined =>
  types.isNativeError(error) && 'severity' in error && 'code' in error ? String(error.code) : undefined

function withLiterals({ text, values }: OwnQuery): string {
  return values.length === 0 ? text : text.replaceAll(/\$(\d+)/gu, (_, number) => literal(values[Number(number) - 1]))
}

function literal(value: unknown): string {
  const text = parameterText(value)
  return text === null ? 'NULL' : quoted(text)
}

/** The same whatever standard_conforming_strings is. */
const quoted = (text: string): string => `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
