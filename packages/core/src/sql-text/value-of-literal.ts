/** What a literal stands for, as it is written in one piece; of `E'…'` the escapes of single characters are known. */
export function valueOfLiteral(text: string): string {
  const dollar = /^\$[^$]*\$/u.exec(text)?.[0]
  if (dollar !== undefined) return text.slice(dollar.length, -dollar.length)
  const open = text.indexOf("'")
  if (open < 0) return text
  const inner = text.slice(open + 1, -1).replaceAll("''", "'")
  return /^e/iu.test(text) ? inner.replaceAll(/\\n/gu, '\n').replaceAll(/\\(.)/gsu, '$1') : inner
}
