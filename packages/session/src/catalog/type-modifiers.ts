import { typeModifierWords } from '@expand-contract/sql'
import type { Asking } from '../own-query/own-query.ts'

interface DeclaredType {
  readonly declared: string | undefined
}

interface TypeOid {
  readonly oid: number
  /** As the driver told, if it did; -1 for a domain. */
  readonly modifier: number | undefined
}

const INPUT_QUERY = `SELECT CASE WHEN t.typmodin <> 0 AND t.typtype <> 'd' THEN
    pg_catalog.format('%I.%I', n.nspname, p.proname) END AS input
  FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS u(oid, nr)
  JOIN pg_catalog.pg_type t ON t.oid = u.oid
  LEFT JOIN pg_catalog.pg_proc p ON p.oid = t.typmodin LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  ORDER BY u.nr`

/**
 * The lengths and precisions of declared types, where the driver does not hand out those of a result. PostgreSQL computes
 * them as it does for a column: by the input function of the type's modifiers. (`to_regtypemod` came with PostgreSQL 17.)
 * A type that nothing but a mapping tells has none then: the mapping itself yields values of the length that it says.
 */
export function* typeModifiers(asked: readonly DeclaredType[], types: readonly TypeOid[]): Asking<readonly number[]> {
  const { rows } = yield { text: INPUT_QUERY, values: [types.map(({ oid }) => oid)] }
  const calls = asked.map(({ declared }, index) => {
    const input = rows[index]?.input
    const words = declared === undefined || types[index]?.modifier === -1 ? [] : typeModifierWords(declared)
    if (input == null || words.length === 0) return '-1'
    const list = words.map((word) => `"${word.replaceAll(/["\\]/gu, '\\$&')}"`).join()
    return `${input}('{${list.replaceAll("'", "''")}}'::pg_catalog.cstring[])`
  })
  const answer = yield { text: `SELECT ${calls.map((call, index) => `${call} AS m${index}`).join(', ')}`, values: [] }
  return calls.map((_, index) => Number(answer.rows[0]?.[`m${index}`] ?? -1))
}
