import type { PGlite, Transaction } from '@electric-sql/pglite'
import { type OwnQuery, type OwnQueryResult, parameterText } from '@expand-contract/session'

type Row = Readonly<Record<string, string | null>>

/**
 * Runs a query of ours. Values go and come as PostgreSQL's text, so that neither the parsers nor the serializers of the
 * application have a part in it. PGlite does not hand out the modifiers of types.
 */
export async function askOwnQuery(
  on: Pick<Transaction, 'query' | 'exec'>,
  { parsers, serializers }: Pick<PGlite, 'parsers' | 'serializers'>,
  query: OwnQuery,
): Promise<OwnQueryResult> {
  const options = { parsers: asText(parsers), serializers: asText(serializers) }
  const { text, values, sent } = query
  const results =
    values.length > 0
      ? [await on.query(text, values.map(parameterText), options)]
      : await on.exec(sent?.(text) ?? text, options)
  const result = results.find(({ fields }) => fields.length > 0)
  const fields = (result?.fields ?? []).map(({ name, dataTypeID }) => ({
    name,
    dataTypeID,
    dataTypeModifier: undefined,
  }))
  return { rows: (result?.rows ?? []) as readonly Row[], fields }
}

const asText = (types: object): Record<string, (value: string) => string> =>
  Object.fromEntries(Object.keys(types).map((oid) => [oid, (value: string) => value]))
