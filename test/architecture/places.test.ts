import { expect, it } from 'vitest'
import { packages, read } from './workspace.ts'

/** What finds something by the tokens around it. */
const BY_TOKENS =
  /\bsource\s*\.(?:tokens?|tokenAt|tokenFrom|nameEnd|withBrackets|expressionEnd|walkLevel|closing|elements|range|startingAt|endingAt)\b/u

/** `const { tokens } = source` and the like. */
const TAKEN_APART = /\{[^{}]*\btokens?\b[^{}]*\}\s*=\s*(?:\w+\.)?source\b/u

/** `shape` reads a text for what it has in common with others, and `mapping` the expressions of a declaration. */
const READS_TOKENS = /^packages\/sql\/src\/(?:parse|shape|mapping)\//u

it('finds where things stand in a text in the room `parse` alone', () => {
  const sources = packages.find(({ folder }) => folder === 'sql')?.sources ?? []
  const outside = sources.filter((file) => !READS_TOKENS.test(file))
  expect(outside.length).toBeGreaterThan(50)
  expect(outside.filter((file) => BY_TOKENS.test(read(file)) || TAKEN_APART.test(read(file)))).toEqual([])
})
