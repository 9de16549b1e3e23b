import type { Connection, QueryCarrier } from './pg-internals.ts'

/** What cursors, and streams over them, are told by those who read them. */
const CALLS = ['read', 'close'] as const

type Call = (...args: unknown[]) => unknown
type Holder = { _Promise?: PromiseConstructor } & Partial<Record<(typeof CALLS)[number], Call>>

/**
 * Keeps what a cursor is told before it is sent, until it is: pg-cursor takes `close` as done then, and its portal, opened
 * later, keeps the connection for ever. In pg a cursor on an idle connection is sent before it can be told anything, so
 * this is how it is there. Nothing changes for a Submittable that has no such methods.
 */
export function keepCallsUntilSent(query: QueryCarrier): void {
  const holder = (query.cursor ?? query) as Holder
  if (typeof holder.close !== 'function' || 'pipe' in holder) return
  const names = CALLS.filter((name) => typeof holder[name] === 'function')
  const kept: (() => void)[] = []
  const own = names.map((name) => [name, Object.getOwnPropertyDescriptor(holder, name)] as const)
  for (const name of names) {
    const call = holder[name] as Call
    holder[name] = (...args) =>
      new (holder._Promise ?? Promise)((resolve) => kept.push(() => resolve(call.apply(holder, args))))
  }
  const told = (): void => {
    for (const [name, descriptor] of own.splice(0))
      if (descriptor === undefined) delete holder[name]
      else Object.defineProperty(holder, name, descriptor)
    for (const call of kept.splice(0)) call()
  }
  const { submit, handleError } = query
  query.submit = (connection: Connection): Error | null | undefined => {
    const error = submit.call(query, connection)
    // An error is handed on to `handleError` by pg.
    if (!error) told()
    return error
  }
  query.handleError = (error: unknown, connection: Connection): void => {
    handleError.call(query, error, connection)
    told()
  }
}
