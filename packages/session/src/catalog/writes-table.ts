import { tokensWithin } from '@expand-contract/core'
import { READABLE_LANGUAGES } from '@expand-contract/sql'
import type { TriggerContent } from './catalog-content.ts'
import { isWord, qualifiedName } from './source-tokens.ts'

/** True when a trigger function writes the table itself, by a statement that its text names. */
export function writesTable({ language, source }: Pick<TriggerContent, 'language' | 'source'>, table: string): boolean {
  if (!READABLE_LANGUAGES.has(language)) return false
  return tokensWithin(source).some(({ tokens }) =>
    tokens.some((token, at) => {
      if (!isWord(token, 'update', 'into')) return false
      const name = qualifiedName(tokens, isWord(tokens[at + 1], 'only') ? at + 2 : at + 1)
      return name?.name === table
    }),
  )
}
