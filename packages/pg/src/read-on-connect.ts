import type { Engine, InFlightStatement, OwnQuery, OwnQueryResult, Session } from '@expand-contract/session'
import { endsConnection } from '@expand-contract/session'
import type { ClientInternals } from './pg-internals.ts'

/** Connecting waits no longer than this, in milliseconds, for what its first statement may wait for as well. */
const PATIENCE = 1_000

export interface ReadOnConnect {
  readonly client: ClientInternals
  readonly engine: Engine
  readonly session: Session
  /** Of which database the catalog is. */
  readonly store: string
  /** Queues a query of ours. */
  ask(query: OwnQuery, done: InFlightStatement['answered']): void
}

/**
 * Reads the catalog on a connection that is new, while the application still waits for it: it takes a new connection
 * 20 to 90 ms for the first time, which the first statement would wait for otherwise. Resolves to the error by which the
 * connection was lost meanwhile, which nobody else hears of yet.
 */
export async function readOnConnect(parts: ReadOnConnect): Promise<Error | undefined> {
  const { client, engine } = parts
  // What was queued before it connected asks by itself.
  if (client._queryQueue.length > 0) return undefined
  const { promise, resolve } = Promise.withResolvers<Error | undefined>()
  const patience = setTimeout(() => resolve(undefined), PATIENCE)
  client.once('error', resolve)
  try {
    engine
      .oneAtATime(parts.store, () => read(parts))
      .then((usable) => {
        if (usable) resolve(undefined)
      })
    return await promise
  } finally {
    clearTimeout(patience)
    client.removeListener('error', resolve)
  }
}

/**
 * False when the connection is about to be lost. It never rejects: `readOnConnect` of the session leaves errors to the first
 * statement.
 */
async function read({ engine, session, ask }: ReadOnConnect): Promise<boolean> {
  await engine.loading
  if (engine.failure !== undefined) return true
  const work = session.readOnConnect()
  let step = work.next()
  while (step.done !== true) {
    const query = step.value
    const answer = await new Promise<{ readonly result: OwnQueryResult } | { readonly error: unknown }>((done) =>
      ask(query, done),
    )
    if ('error' in answer && endsConnection(answer.error)) return false
    step = 'error' in answer ? work.throw(answer.error) : work.next(answer.result)
  }
  return true
}
