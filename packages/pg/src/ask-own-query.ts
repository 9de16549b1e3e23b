import { processWide } from '@expand-contract/core'
import type { OwnQuery, OwnQueryResult } from '@expand-contract/session'
import type { MakeOwnQuery } from './dispatcher.ts'
import type { LooseQueryClass } from './pg-internals.ts'

/** Values as the text that the server sent: the application's type parsers have no part in it. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value }

const NOTHING: OwnQueryResult = { rows: [], fields: [] }

/** Of what pg answers to a text of several statements, the result that is wanted. */
const withColumns = (answer: OwnQueryResult | readonly OwnQueryResult[]): OwnQueryResult =>
  [answer].flat().find(({ fields }) => fields.length > 0) ?? NOTHING

const configOf = ({ text, values, sent }: OwnQuery): object => ({ text: sent?.(text) ?? text, values, types: AS_TEXT })

const ours = new WeakSet<object>()

/** True for a query of ours, whose tags tell nothing of what the application does. */
export const isOurs = (query: object): boolean => ours.has(query)

/** Makes queries of ours as queries of one pg module, for its queue. */
export function ownQueriesOf(Query: LooseQueryClass): MakeOwnQuery {
  return (query, done) => {
    const answered = (error: unknown, answer: OwnQueryResult | readonly OwnQueryResult[]): void => {
      if (error) done({ error })
      else done({ result: withColumns(answer) })
    }
    const made = new Query(configOf(query), undefined, answered)
    ours.add(made)
    return made
  }
}

/** Classes of clients whose `query` plans; that of the class below does not. */
const planning = processWide('pg.planning-classes/1', () => new WeakSet<object>())

export function markPlanningClass(made: object): void {
  planning.add(made)
}

interface ClientLike {
  query(text: string): unknown
}

type Query = (this: ClientLike, config: object) => Promise<OwnQueryResult | readonly OwnQueryResult[]>

/** Runs a query of ours on a client as pg's own class does, without planning it. */
export async function askOwnQuery(client: ClientLike, query: OwnQuery): Promise<OwnQueryResult> {
  let prototype: object = client
  for (let next: object | null = Object.getPrototypeOf(client); next !== null; next = Object.getPrototypeOf(next))
    if (planning.has(next.constructor)) prototype = Object.getPrototypeOf(next)
  const run: Query = Reflect.get(prototype, 'query')
  return withColumns(await run.call(client, configOf(query)))
}
