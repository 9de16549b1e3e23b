import { processWide } from '@expand-contract/core'
import type { OwnQuery, OwnQueryResult } from '@expand-contract/session'
import { withColumns } from './own-queries.ts'

/** Classes of clients whose `query` plans; that of the class below does not. */
const planning = processWide('pg.planning-classes/1', () => new WeakSet<object>())

export function markPlanningClass(made: object): void {
  planning.add(made)
}

interface ClientLike {
  query(text: string): unknown
}

type Query = (this: ClientLike, config: object) => Promise<OwnQueryResult | readonly OwnQueryResult[]>

/** Values as the text that the server sent. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value }

/** Runs queries of ours on a client as pg's own class does, without planning them. */
export function bareQuery(client: ClientLike): (query: OwnQuery) => Promise<OwnQueryResult> {
  let prototype: object = client
  for (let next: object | null = Object.getPrototypeOf(client); next !== null; next = Object.getPrototypeOf(next))
    if (planning.has(next.constructor)) prototype = Object.getPrototypeOf(next)
  const query: Query = Reflect.get(prototype, 'query')
  return async ({ text, values, sent }) =>
    withColumns(await query.call(client, { text: sent?.(text) ?? text, values, types: AS_TEXT }))
}
