import type { CoreErrorCode } from './error-catalogue.ts'
import { ExpandContractError } from './errors.ts'

/** PostgreSQL cuts identifiers at NAMEDATALEN - 1 bytes, silently: https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
export const MAX_IDENTIFIER_BYTES = 63

export const bytes = (text: string): number => new TextEncoder().encode(text).length

/** The one way an identifier gets into SQL text. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A table as it is declared: `schema` is undefined where the search path decides. */
export interface TableName {
  readonly schema: string | undefined
  readonly name: string
}

/** `schema.name` quoted, or the name alone. */
export function quoteTable(table: TableName): string {
  return table.schema === undefined
    ? quoteIdentifier(table.name)
    : `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
}

/** Returns the name when it can be an identifier exactly as it stands; what it is for goes into the error. */
export function checkIdentifier(name: unknown, purpose: string): string {
  if (typeof name !== 'string') fail(purpose, `is ${name === null ? 'null' : typeof name}, not a string`)
  if (name === '') fail(purpose, 'is empty')
  if (name.includes('\0')) fail(purpose, 'contains a null character')
  if (!name.isWellFormed()) fail(purpose, 'contains half of a surrogate pair, which has no UTF-8 form')
  if (bytes(name) > MAX_IDENTIFIER_BYTES)
    fail(
      purpose,
      `${JSON.stringify(name)} is ${bytes(name)} bytes long; PostgreSQL would cut it at ${MAX_IDENTIFIER_BYTES}`,
    )
  return name
}

function fail(purpose: string, why: string): never {
  const code: CoreErrorCode = 'EC_IDENTIFIER'
  throw new ExpandContractError(code, {
    message: `${purpose} ${why}.`,
    hint: `Give the name as the catalog has it, unquoted, of at most ${MAX_IDENTIFIER_BYTES} bytes.`,
  })
}

const PART = String.raw`(?:"(?:[^"]|"")+"|[^".\s](?:[^".]*[^".\s])?)`
const TABLE = new RegExp(`^(?:(?<schema>${PART})\\.)?(?<name>${PART})$`, 'u')

const unquoted = (part: string): string => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part)

/**
 * Reads `users`, `crm.users`, `"My Schema"."my.table"`. Unquoted parts are taken as they stand (no case folding), so a
 * name with capitals needs no quotes here.
 */
export function parseTableName(text: unknown, purpose: string): TableName {
  const { schema, name } = (typeof text === 'string' ? TABLE.exec(text)?.groups : undefined) ?? {}
  if (name === undefined) {
    const code: CoreErrorCode = 'EC_TABLE'
    throw new ExpandContractError(code, {
      message: `${purpose} ${typeof text === 'string' ? JSON.stringify(text) : `(${text === null ? 'null' : typeof text})`} is not a table name.`,
      hint: `Write it as 'users', 'crm.users' or '"my.schema"."my.table"'.`,
    })
  }
  return Object.freeze({
    schema: schema === undefined ? undefined : checkIdentifier(unquoted(schema), `${purpose}: its schema`),
    name: checkIdentifier(unquoted(name), purpose),
  })
}
