import type { OwnQueryResult } from '@expand-contract/session'
import type { LooseQueryClass } from './client-internals.ts'
import type { MakeOwnQuery } from './dispatcher.ts'

/** Values as the text that the server sent: the application's type parsers have no part in it. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value }

const ours = new WeakSet<object>()

/** True for a query of ours, whose tags tell nothing of what the application does. */
export const isOurs = (query: object): boolean => ours.has(query)

const NOTHING: OwnQueryResult = { rows: [], fields: [] }

/** Of what pg answers to a text of several statements, the result that is wanted. */
export const withColumns = (answer: OwnQueryResult | readonly OwnQueryResult[]): OwnQueryResult =>
  [answer].flat().find(({ fields }) => fields.length > 0) ?? NOTHING

/** Makes queries of ours as queries of one pg module. */
export function ownQueriesOf(Query: LooseQueryClass): MakeOwnQuery {
  return (query, done) => {
    const answered = (error: unknown, answer: OwnQueryResult | readonly OwnQueryResult[]): void => {
      if (error) done({ error })
      else done({ result: withColumns(answer) })
    }
    const made = new Query({ text: query.sent?.(query.text) ?? query.text, types: AS_TEXT }, query.values, answered)
    ours.add(made)
    return made
  }
}
