import { quoteIdentifier } from '@expand-contract/core'
import type { Action } from '../action.ts'
import { literal } from '../sql/sync-names.ts'
import type { ParityContext } from './parity-context.ts'
import type { ParityConstraint } from './parity-facts.ts'

/** A counterpart by its name, and as it is, where it is there. */
export interface Made {
  readonly name: string
  readonly there: ParityConstraint | undefined
}

/** A comment of its own is left as it is. */
export function commentOn(
  context: ParityContext,
  { comment, member, name: old }: ParityConstraint,
  { name, there }: Made,
): readonly Action[] {
  if (comment === null || (there?.comment ?? null) !== null) return []
  const table = context.tableOf(member)
  const sql = `COMMENT ON CONSTRAINT ${quoteIdentifier(name)} ON ${table} IS ${literal(comment)}`
  return [
    context.action({
      sql,
      why: `The comment of ${old}.`,
      table,
      lock: 'SHARE UPDATE EXCLUSIVE',
      transaction: `parity ${name} comment`,
    }),
  ]
}

export const timingOf = ({ deferrable, deferred }: Pick<ParityConstraint, 'deferrable' | 'deferred'>): string =>
  deferrable ? ` DEFERRABLE${deferred ? ' INITIALLY DEFERRED' : ''}` : ''

export const listOf = (names: readonly string[]): string => names.map((name) => quoteIdentifier(name)).join(', ')
