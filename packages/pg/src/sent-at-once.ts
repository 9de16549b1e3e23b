import type { InFlightStatement, SentStatement, StatementToPlan } from '@expand-contract/session'
import type { Dispatcher } from './dispatcher.ts'
import type { LooseQuery, QueryCarrier } from './pg-internals.ts'
import { isUntouched } from './planned-query.ts'
import { planSubmittable } from './planned-submittable.ts'

/** A statement that was planned when it was handed over, and is pg's own query since. */
export interface SentAtOnce {
  readonly statement: StatementToPlan
  readonly planned: SentStatement
  /** See InFlightStatement. */
  readonly sentAt: number | undefined
  /** The application's, if it has one. */
  readonly name: unknown
  /** That of the prepared statement, if it has one. */
  readonly wireName: string | undefined
  query: QueryCarrier | null | undefined
}

/** Before pg tells the query of an error: the application gets its own names, or the statement is planned and sent again. */
export function planAfterError(
  { query, statement, name }: SentAtOnce,
  inFlight: InFlightStatement,
  dispatcher: Dispatcher,
): void {
  if (query == null) return
  const { handleError } = query
  query.handleError = (error, connection) => {
    query.handleError = handleError
    const forUser = dispatcher.failed(query, inFlight, { error, untouched: isUntouched(query as LooseQuery) })
    if (forUser !== undefined) return handleError.call(query, forUser, connection)
    query.text = statement.text
    query.name = name
    planSubmittable(query, inFlight, dispatcher)
  }
}
