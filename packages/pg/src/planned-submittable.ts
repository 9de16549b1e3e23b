import type { InFlightStatement } from '@expand-contract/session'
import type { Dispatcher } from './dispatcher.ts'
import type { Connection, QueryCarrier } from './pg-internals.ts'

/** The part of a Submittable that holds its SQL: pg-query-stream keeps it in the cursor that it wraps. */
const holderOf = (query: QueryCarrier): { text?: unknown } => query.cursor ?? query

export function submittableText(query: QueryCarrier): unknown {
  return holderOf(query).text
}

/**
 * Makes a Submittable of somebody else's (a cursor, a stream, COPY, a pg.Query with row events) be planned when pg sends
 * it. Its class, state and events stay its own. It is not sent twice, since what it has handed out cannot be taken back; but an
 * upsert that was overtaken has handed out nothing.
 */
export function planSubmittable(query: QueryCarrier, inFlight: InFlightStatement, dispatcher: Dispatcher): void {
  const { submit, handleError } = query
  const holder = holderOf(query)
  const { text } = holder
  const { name } = query
  query.submit = (connection: Connection): Error | null => {
    return dispatcher.dispatch(query, inFlight, (plan) => {
      if (typeof name === 'string') {
        const wire = dispatcher.nameOnWire(name, inFlight.statement.text, plan)
        if (wire instanceof Error) return wire
        query.name = wire
      }
      if (plan !== undefined) holder.text = plan.text
      const error = submit.call(query, connection) ?? null
      // pg reads the text of a named statement again when it has been parsed, and of others never.
      if (typeof name !== 'string') holder.text = text
      return error
    })
  }
  query.handleError = (error: unknown, connection: Connection): void => {
    const forUser = dispatcher.failed(query, inFlight, { error, untouched: false })
    if (forUser !== undefined) handleError.call(query, forUser, connection)
  }
}
