/** A call as it stands in a text: `splitColumn({ ... })`. */
export interface FoundCall {
  readonly name: string
  readonly text: string
  readonly start: number
}

/** The calls of functions in TypeScript, outermost ones alone; brackets within strings do not count. */
export function callsIn(text: string, names: readonly string[]): readonly FoundCall[] {
  const found: FoundCall[] = []
  let end = 0
  for (const match of text.matchAll(new RegExp(`\\b(?<name>${names.join('|')})\\((?=[{'\`])`, 'gu'))) {
    if (match.index < end) continue
    end = endOfCall(text, match.index)
    found.push({ name: match.groups?.name ?? '', text: text.slice(match.index, end), start: match.index })
  }
  return found
}

function endOfCall(text: string, start: number): number {
  let depth = 0
  let quote = ''
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (quote !== '') {
      if (char === '\\') at += 1
      else if (char === quote) quote = ''
    } else if (`'"\``.includes(char)) quote = char
    else if ('([{'.includes(char)) depth += 1
    else if (')]}'.includes(char) && --depth === 0) return at + 1
  }
  throw new Error(`A call that does not end:\n${text.slice(start, start + 200)}`)
}

/** The value of an expression with these names in scope. */
export function evaluate(expression: string, scope: Readonly<Record<string, unknown>>): unknown {
  return new Function(...Object.keys(scope), `return (${expression})`)(...Object.values(scope))
}
