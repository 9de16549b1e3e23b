import { escapePattern } from './escape-pattern.ts'
/** The name that the token of an identifier stands for; undefined for other tokens. */
export function nameOfToken(text: string): string | undefined {
  if (text.startsWith('"')) return unquoted(text)
  const escaped = /^u&(?<name>"(?:[^"]|"")*")(?:.*'(?<escape>[^'])')?$/isu.exec(text)?.groups
  if (escaped !== undefined) return unescaped(unquoted(escaped.name ?? ''), escaped.escape ?? '\\')
  // PostgreSQL folds ASCII alone where characters have several bytes.
  return /^[A-Za-z_\u0080-\uffff]/u.test(text)
    ? text.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase())
    : undefined
}

const unquoted = (text: string): string => text.slice(1, -1).replaceAll('""', '"')

/** `\0061`, `\+000061` and the doubled escape character; https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
function unescaped(text: string, by: string): string {
  const mark = escapePattern(by)
  const pattern = new RegExp(`${mark}(?:(${mark})|([\\da-f]{4})|\\+([\\da-f]{6}))`, 'giu')
  return text.replaceAll(pattern, (whole, doubled?: string, short?: string, long?: string) => {
    if (doubled !== undefined) return by
    // A pair of surrogates may be written as two escapes.
    if (short !== undefined) return String.fromCharCode(Number.parseInt(short, 16))
    const point = Number.parseInt(long ?? '', 16)
    return point > 0x10ffff ? whole : String.fromCodePoint(point)
  })
}
