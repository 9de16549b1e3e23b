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
    const words = declared === undefined || types[index]?.modifier === -1 ? [] : modifierWords(declared)
    if (input == null || words.length === 0) return '-1'
    const list = words.map((word) => `"${word.replaceAll(/["\\]/gu, '\\$&')}"`).join()
    return `${input}('{${list.replaceAll("'", "''")}}'::pg_catalog.cstring[])`
  })
  const answer = yield { text: `SELECT ${calls.map((call, index) => `${call} AS m${index}`).join(', ')}`, values: [] }
  return calls.map((_, index) => Number(answer.rows[0]?.[`m${index}`] ?? -1))
}

/** Bits of the fields of an interval: `INTERVAL_MASK` in utils/timestamp.h. */
const INTERVAL_BITS = { year: 4, month: 2, day: 8, hour: 1024, minute: 2048, second: 4096 } as const
type IntervalField = keyof typeof INTERVAL_BITS
const INTERVAL_FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const satisfies readonly IntervalField[]
const INTERVAL = /^(?:pg_catalog\.)?interval(?<whole>\s*\(.*\))?(?:\s+(?<from>[a-z]+)(?:\s+to\s+(?<to>[a-z]+))?)?/iu

/** What PostgreSQL's grammar hands to the input function: `varchar(20)` has ['20'], `char` alone ['1']. */
export function modifierWords(declared: string): readonly string[] {
  const text = declared.trim()
  const list = /^(?:[^"(]|"(?:[^"]|"")*")*\(([^()]*)\)/u.exec(text)?.[1]
  const words = list === undefined ? [] : list.split(',').map((word) => word.trim().replaceAll(/^['"]|['"]$/gu, ''))
  const interval = INTERVAL.exec(text)?.groups
  if (interval !== undefined) return intervalWords(interval.from, interval.to, words)
  if (words.length === 0 && /^(?:national\s+)?(?:char|character|nchar|bit)(?!\s+varying|\w)/iu.test(text)) return ['1']
  return words
}

function intervalWords(from: string | undefined, to: string | undefined, precision: readonly string[]) {
  if (from === undefined) return precision.length === 0 ? [] : ['32767', ...precision]
  const first = INTERVAL_FIELDS.indexOf(from.toLowerCase() as IntervalField)
  const last = to === undefined ? first : INTERVAL_FIELDS.indexOf(to.toLowerCase() as IntervalField)
  const bits = INTERVAL_FIELDS.slice(first, last + 1).reduce((sum, field) => sum | INTERVAL_BITS[field], 0)
  return first < 0 ? precision : [String(bits), ...precision]
}
