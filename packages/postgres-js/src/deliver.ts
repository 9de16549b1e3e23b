import type { Handler, PendingQuery } from './pending-query.ts'

/** What the driver says of a query: it is not told to the application before it is known what to tell it. */
export interface Outcome {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Takes the outcome of a query for ourselves; what it returns hands it to the application. Cursors set theirs anew for each part. */
export function takeOutcome(query: PendingQuery, taken: Outcome): Outcome {
  const told = { resolve: query.resolve, reject: query.reject }
  for (const key of ['resolve', 'reject'] as const)
    Object.defineProperty(query, key, {
      configurable: true,
      get: () => taken[key],
      set: (setting: Outcome[typeof key]) => {
        told[key] = setting
      },
    })
  return { resolve: (result) => told.resolve(result), reject: (error) => told.reject(error) }
}

/** What is sent, and the text by which errors show it. */
export interface Delivery {
  readonly wire: string
  readonly args: readonly unknown[]
  readonly text: string
}

/** Sets what a query sends. */
export function setText(query: PendingQuery, { wire, args, text }: Delivery): void {
  query.tagged = false
  query.strings = [wire]
  query.args = args
  // An error shows the statement by this; what is sent does not depend on it.
  Object.defineProperty(query, 'string', { configurable: true, get: () => text, set: () => undefined })
}

/** Hands a query to the driver as if for the first time. */
export function handOver(query: PendingQuery, handler: Handler): void {
  query.state = null
  query.statement = null
  query.parameters = undefined
  handler(query)
}
