import { type OwnQuery, type OwnQueryResult, parameterText } from '@expand-contract/session'
import type { DriverSql } from './postgres-js-internals.ts'

interface RawResult extends ReadonlyArray<readonly Uint8Array[]> {
  readonly columns: readonly { readonly name: string; readonly type: number }[] | null
}

/**
 * Runs a query of ours. Rows come as JSON in one raw value, so that neither the application's parsers nor its
 * transformations of names have a part in them. postgres-js does not hand out the modifiers of types.
 */
export async function askOwnQuery(sql: DriverSql, query: OwnQuery): Promise<OwnQueryResult> {
  const { text, values, described, sent } = query
  const answersRows = described !== true && /^\s*(?:select|with)\b/iu.test(text)
  const wrapped = answersRows ? `SELECT pg_catalog.row_to_json(answer)::pg_catalog.text FROM (${text}) AS answer` : text
  const options = values.length > 0 ? { prepare: true } : {}
  // As text, since what postgres-js makes of an array depends on `fetch_types`.
  const answer = await sql.unsafe(sent?.(wrapped) ?? wrapped, values.map(parameterText), options).raw()
  const results = (isOne(answer) ? [answer] : answer) as readonly RawResult[]
  const result = results.find(({ columns }) => (columns?.length ?? 0) > 0) ?? NOTHING
  const rows = answersRows ? result.map(([json]) => JSON.parse(new TextDecoder().decode(json))) : []
  const fields = (result.columns ?? []).map(({ name, type }) => ({
    name,
    dataTypeID: type,
    dataTypeModifier: undefined,
  }))
  return { rows, fields }
}

const NOTHING: RawResult = Object.assign([], { columns: null })

/** A text of several statements has a list of results. */
const isOne = (answer: unknown): boolean => typeof answer === 'object' && answer !== null && 'columns' in answer
