import { ExpandContractError } from '@expand-contract/core'
import type { SessionErrorCode } from '../error-catalogue.ts'

/** An expression that the database was asked about, and where it stands in the text. */
interface Asked {
  readonly migration: string
  readonly column: string
  readonly sql: string
  /** The text of a declared type; undefined for a mapping. */
  readonly declared: string | undefined
}

/** Names the migration of the expression that PostgreSQL could not make sense of; undefined where it does not tell which one. */
export function undescribed(asked: readonly Asked[], text: string, cause: unknown): ExpandContractError | undefined {
  const { position, message = String(cause) } = Object(cause) as { position?: string; message?: string }
  const at = position === undefined ? undefined : [...text].slice(0, Number(position) - 1).join('').length
  let start = 0
  const found = asked.find(({ sql }) => {
    start = text.indexOf(sql, start)
    const here = at !== undefined && start >= 0 && at >= start && at < start + sql.length
    start += sql.length
    return here
  })
  const one = found ?? (asked.length === 1 ? asked[0] : undefined)
  if (one === undefined) return undefined
  const what = one.declared === undefined ? 'mapping' : `type ${JSON.stringify(one.declared)}`
  const code: SessionErrorCode = 'EC_CATALOG'
  return new ExpandContractError(code, {
    message: `The statement was not sent, because the ${what} of ${JSON.stringify(one.column)} in the migration ${one.migration} fails in this database: ${message}.`,
    hint: 'Correct the declaration, or create what it names. See `cause`.',
    migration: one.migration,
    cause,
  })
}
