import type { InFlightStatement, Session } from '@expand-contract/session'
import type { Dispatcher } from './dispatcher.ts'
import type { ClientInternals, QueryCarrier } from './pg-internals.ts'

export interface PipelineQueue {
  readonly client: ClientInternals
  readonly session: Session
  readonly dispatcher: Dispatcher
  readonly inFlightOf: (query: QueryCarrier) => InFlightStatement | undefined
}

/**
 * pg's own loop for pipeline mode (Client._pulsePipelinedQueryQueue), which stops before a statement that cannot be
 * planned yet: it, and everything behind it, waits until the wire is quiet, so that the transaction's state is known and a
 * query of ours may go ahead.
 */
export function pulsePipeline(pipeline: PipelineQueue): void {
  const { client, session, inFlightOf } = pipeline
  if (!client._connected || !client._queryable) return
  const sent = client._sentQueryQueue ?? []
  for (let query = client._queryQueue[0]; query !== undefined; query = client._queryQueue[0]) {
    const last = sent.at(-1) ?? client._activeQuery
    if (last != null && inFlightOf(last)?.mustBeAlone === true) break
    const next = nextToSend(query, pipeline)
    if (next === undefined) break
    if (next === query) client._queryQueue.shift()
    if (next === query && inFlightOf(query) === undefined) session.transaction.begin()
    const { text } = query
    if (send(next, pipeline, sent) && next === query && typeof text === 'string') session.sent(text)
  }
  if (client.readyForQuery === true && client._activeQuery == null) {
    const active = sent.shift()
    if (active !== undefined) {
      client._activeQuery = active
      client.readyForQuery = false
    }
  }
  const idle = client._activeQuery == null && sent.length === 0 && client._queryQueue.length === 0
  if (idle && client.hasExecuted === true) client.emit('drain')
}

/** False when the statement was refused instead. */
function send(query: QueryCarrier, { client }: PipelineQueue, sent: QueryCarrier[]): boolean {
  client.hasExecuted = true
  const error = query.submit(client.connection)
  if (error) {
    queueMicrotask(() => query.handleError(error, client.connection))
    return false
  }
  sent.push(query)
  return true
}

/** The query itself, one of ours that must go before it, or undefined: it has to wait. */
function nextToSend(query: QueryCarrier, { client, dispatcher, inFlightOf }: PipelineQueue): QueryCarrier | undefined {
  const inFlight = inFlightOf(query)
  if (inFlight === undefined) return query
  if (dispatcher.loading) {
    dispatcher.pulseWhenLoaded()
    return undefined
  }
  const isQuiet = client._activeQuery == null && (client._sentQueryQueue?.length ?? 0) === 0
  if (!isQuiet) return inFlight.planNow() ? query : undefined
  const state = dispatcher.step(inFlight)
  if (state.kind === 'ask') return dispatcher.ownQuery(inFlight, state.query)
  inFlight.settle(state)
  return query
}
