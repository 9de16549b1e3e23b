import type { CoreErrorCode } from './error-catalogue.ts'
import { ExpandContractError } from './errors.ts'

/** PostgreSQL cuts identifiers at NAMEDATALEN - 1 bytes, silently: https://www.postgresql.org/docs/current/sql-syntax-lexical.html */
export const MAX_IDENTIFIER_BYTES = 63

const bytes = (text: string): number => new TextEncoder().encode(text).length

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

const PART = /^(?:"((?:[^"]|"")+)"|([^".\s][^".]*))$/u

/**
 * Reads `users`, `crm.users`, `"My Schema"."my.table"`. Unquoted parts are taken as they stand (no case folding), so a
 * name with capitals needs no quotes here.
 */
export function parseTableName(text: unknown, purpose: string): TableName {
  const parts = typeof text === 'string' ? text.match(/(?:"(?:[^"]|"")*"|[^."])+|\.(?=\.|$)|^(?=\.)/gu) : null
  const names = parts?.map((part) => {
    const match = PART.exec(part)
    return match ? (match[1]?.replaceAll('""', '"') ?? match[2]) : undefined
  })
  const last = names?.at(-1)
  if (!names || names.length > 2 || last === undefined || names.includes(undefined)) {
    const code: CoreErrorCode = 'EC_TABLE'
    throw new ExpandContractError(code, {
      message: `${purpose} ${JSON.stringify(text)} is not a table name.`,
      hint: `Write it as 'users', 'crm.users' or '"my.schema"."my.table"'.`,
    })
  }
  checkIdentifier(last, purpose)
  const schema = names.length === 2 ? checkIdentifier(names[0], `${purpose}: its schema`) : undefined
  return Object.freeze({ schema, name: last })
}
