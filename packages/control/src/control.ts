import { ExpandContractError, MAX_IDENTIFIER_BYTES, quoteIdentifier } from '@expand-contract/core'
import type { ControlErrorCode } from './error-catalogue.ts'
import type { SqlClient } from './sql-client.ts'

export const DEFAULT_CONTROL_SCHEMA = 'expand_contract'

export interface ControlOptions {
  /** The schema that it is installed in, as the catalog has the name: no quotes. @defaultValue 'expand_contract' */
  readonly schema?: string | undefined
}

/** The control schema of one database, and what it is asked with. */
export interface Control {
  readonly client: SqlClient
  readonly schema: string
}

/**
 * Names the schema and the client; asks nothing. The functions that read and write records take what it returns.
 * @throws EC_CONTROL_SCHEMA
 */
export function openControl(client: SqlClient, options: ControlOptions = {}): Control {
  return Object.freeze({ client, schema: checkedSchema(options.schema) })
}

/** @throws EC_CONTROL_SCHEMA */
export function checkedSchema(schema: unknown = DEFAULT_CONTROL_SCHEMA): string {
  const wrong = wrongWith(schema)
  if (wrong === undefined) return schema as string
  const code: ControlErrorCode = 'EC_CONTROL_SCHEMA'
  throw new ExpandContractError(code, {
    message: `The control schema ${JSON.stringify(schema) ?? String(schema)} ${wrong}.`,
    hint: `Give the name as the catalog has it, without quotes, of at most ${MAX_IDENTIFIER_BYTES} bytes, or leave it out for "${DEFAULT_CONTROL_SCHEMA}".`,
  })
}

function wrongWith(schema: unknown): string | undefined {
  if (typeof schema !== 'string') return 'is not a text'
  if (schema === '') return 'is empty'
  if (schema.includes('\0') || !schema.isWellFormed()) return 'has a character that no name can have'
  if (new TextEncoder().encode(schema).length > MAX_IDENTIFIER_BYTES) return 'is longer than PostgreSQL keeps names'
  if (schema.startsWith('pg_')) return 'begins with pg_, which PostgreSQL keeps for itself'
  return undefined
}

/** Our SQL with the schema filled in. A function, since a name may have `$&` in it. */
export const inSchema = (schema: string, sql: string): string =>
  sql.replaceAll(/:schema\b/gu, () => quoteIdentifier(schema))
