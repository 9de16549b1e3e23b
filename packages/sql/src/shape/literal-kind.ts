import type { Neutral } from './token-list.ts'

const LARGEST = '2147483647'

/** The kind of a literal that is written plainly; PostgreSQL's grammar takes larger integers for other numbers. */
export function literalKind(text: string, start: number, end: number): Neutral | undefined {
  const first = text.charCodeAt(start)
  if (first === 39) return 's'
  let digits = 0
  let others = 0
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) digits++
    else if (code === 46 || code === 43 || code === 45 || code === 69 || code === 101) others++
    else return undefined
  }
  if (others > 0) return 'f'
  if (digits < LARGEST.length) return 'i'
  // Leading zeros do not count, and are not worth a thought.
  if (first === 48) return undefined
  return digits > LARGEST.length || text.slice(start, end) > LARGEST ? 'f' : 'i'
}
