import type { Migration } from '@expand-contract/core'
import type { Plan } from '@expand-contract/sql'
import { refusedText } from './refused-text.ts'
import { StatementFacts } from './statement-facts.ts'
import { keyWord } from './statements-in.ts'

const SETS = new Set(['set', 'reset', 'discard'])
const ENDS = new Set(['commit', 'end', 'rollback', 'abort'])

export interface PathQuestion {
  readonly text: string
  readonly migrations: readonly Migration[]
  readonly mayTouch: (text: string) => boolean
  /** The open transaction has changed the path or the catalog, so its end changes them again. */
  readonly changedInTransaction: boolean
}

/**
 * A text that changes the search path and then names a migrating table: which table that is, is known only once the
 * first part has run. Such a text is refused, since a guess could leave a column unwritten. undefined for all others.
 */
export function refusedForPath({ text, migrations, mayTouch, changedInTransaction }: PathQuestion): Plan | undefined {
  if (!text.includes(';') || !(changedInTransaction || new StatementFacts(text).mayChangePath)) return undefined
  const statements = new StatementFacts(text).statements
  const change = statements.findIndex(({ words, text: one }) => {
    const first = keyWord(words[0])
    return (SETS.has(first) && new StatementFacts(one).mayChangePath) || (changedInTransaction && ENDS.has(first))
  })
  if (change < 0 || !statements.slice(change + 1).some((each) => mayTouch(each.text))) return undefined
  const lower = text.toLowerCase()
  const named = migrations.filter(({ table }) => lower.includes(table.name.toLowerCase()))
  return refusedText(text, {
    command: keyWord(statements[change]?.words[0]).toUpperCase(),
    code: 'path-in-text',
    message:
      'The text changes the search path, or ends a transaction that did, and then uses the table, which may be another one by then. Send the two parts one after the other.',
    migrations: named.length > 0 ? named : migrations,
  })
}
