import type { AheadResult } from '@expand-contract/session'
import type { LooseQueryClass } from './client-internals.ts'
import type { MakeAheadQuery } from './dispatcher.ts'

/** Values as the text that the server sent: the application's type parsers have no part in it. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value }

const ours = new WeakSet<object>()

/** True for a query of ours, whose tags tell nothing of what the application does. */
export const isOurs = (query: object): boolean => ours.has(query)

const NOTHING: AheadResult = { rows: [], fields: [] }

/** Of what pg answers to a text of several statements, the result that is wanted. */
export const withColumns = (answer: AheadResult | readonly AheadResult[]): AheadResult =>
  [answer].flat().find(({ fields }) => fields.length > 0) ?? NOTHING

/** Makes queries of ours as queries of one pg module. */
export function aheadQueries(Query: LooseQueryClass): MakeAheadQuery {
  return (query, done) => {
    const answered = (error: unknown, answer: AheadResult | readonly AheadResult[]): void => {
      if (error) done({ error })
      else done({ result: withColumns(answer) })
    }
    const made = new Query({ text: query.sent?.(query.text) ?? query.text, types: AS_TEXT }, query.values, answered)
    ours.add(made)
    return made
  }
}
