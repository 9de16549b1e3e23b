import { lex } from '@expand-contract/core'

/** What can be explained of a recorded text, or why it cannot. */
export type ExplainableText =
  | { readonly text: string; readonly reason?: undefined }
  | { readonly text?: undefined; readonly reason: string }

/** As `textWithoutValues` ends a text that it has cut. */
const CUT = ' …'

/** Only these are ever planned: what an application has recorded is not to be trusted with anything else. */
const FIRST_WORD = /^\(*\s*(?:select|insert|update|delete|merge|with|values|table)\b/iu

/** What stood in a type's brackets, or behind its name, was a value as well, and neither may be a parameter. */
const TYPES =
  'numeric|decimal|dec|float|character\\s+varying|character|varchar|bpchar|char|bit\\s+varying|varbit|bit|interval|date|timestamptz|timestamp|timetz|time'
const MODIFIERS = new RegExp(String.raw`\b(${TYPES})\s*\(\s*\$\d+\s*(?:,\s*\$\d+\s*)?\)`, 'giu')
const TYPED = new RegExp(
  String.raw`\b(${TYPES}|uuid|jsonb|json|bytea|inet|bool|boolean|money|xml)((?:\s+with(?:out)?\s+time\s+zone)?)\s+(\$\d+)`,
  'giu',
)

/**
 * A recorded text as one statement that PostgreSQL can plan without values. Where the text had literals it has parameters now, so `interval '7 days'`
 * is written as a cast of one, and lengths of types are left out.
 */
export function explainableText(recorded: string | undefined): ExplainableText {
  if (recorded === undefined) return { reason: 'its text is not recorded' }
  if (recorded.endsWith(CUT)) return { reason: 'its text is too long to be recorded whole' }
  const text = recorded.trim().replace(/[;\s]+$/u, '')
  // Whatever a lexer makes of it: without one there cannot be a second statement.
  if (text.includes(';')) return { reason: 'it is more than one statement' }
  if (!FIRST_WORD.test(text)) return { reason: 'it is no statement that has a plan' }
  return { text: numbered(text.replaceAll(MODIFIERS, '$1').replaceAll(TYPED, '$3::$1$2')) }
}

/** A number that is left out has no type that could be inferred. */
function numbered(text: string): string {
  const numbers = new Map<string, number>()
  let written = ''
  let at = 0
  lex(text, (kind, start, end) => {
    if (kind !== 'parameter') return
    const name = text.slice(start, end)
    const number = numbers.get(name) ?? numbers.size + 1
    numbers.set(name, number)
    written += `${text.slice(at, start)}$${number}`
    at = end
  })
  return written + text.slice(at)
}

/** The highest number of a parameter in a text. */
export function parameterCount(text: string): number {
  let highest = 0
  lex(text, (kind, start, end) => {
    if (kind === 'parameter') highest = Math.max(highest, Number(text.slice(start + 1, end)))
  })
  return highest
}
