import { processWide } from '@expand-contract/core'
import type { AheadQuery, AheadResult } from './ahead-query.ts'

/** Classes of clients whose `query` plans; that of the class below does not. */
const planning = processWide('pg.planning-classes/1', () => new WeakSet<object>())

export function markPlanningClass(made: object): void {
  planning.add(made)
}

interface ClientLike {
  query(text: string): unknown
}

type Query = (this: ClientLike, config: object) => Promise<AheadResult>

/** Values as the text that the server sent. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value }

/** Runs queries of ours on a client as pg's own class does, without planning them. */
export function bareQuery(client: ClientLike): (query: AheadQuery) => Promise<AheadResult> {
  let prototype: object = client
  for (let next: object | null = Object.getPrototypeOf(client); next !== null; next = Object.getPrototypeOf(next))
    if (planning.has(next.constructor)) prototype = Object.getPrototypeOf(next)
  const query: Query = Reflect.get(prototype, 'query')
  return ({ text, values }) => query.call(client, { text, values, types: AS_TEXT })
}
