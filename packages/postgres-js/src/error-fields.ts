/** postgres-js has PostgreSQL's names for the fields of an error, where node-postgres has shorter ones. */
const FIELDS = [
  ['column', 'column_name'],
  ['constraint', 'constraint_name'],
  ['table', 'table_name'],
  ['schema', 'schema_name'],
] as const

type Fields = Record<string, unknown>

const isDatabaseError = (error: unknown): error is Error & Fields => error instanceof Error && 'severity' in error

/** Gives an error of the database the fields that it has in node-postgres, while it is told the application's names. */
export function withShortFields(error: unknown): unknown {
  if (isDatabaseError(error)) for (const [short, long] of FIELDS) if (long in error) error[short] = error[long]
  return error
}

/** Takes them away again, with what has become of them. */
export function withoutShortFields(error: unknown): unknown {
  if (!isDatabaseError(error)) return error
  for (const [short, long] of FIELDS) {
    if (!(long in error)) continue
    error[long] = error[short]
    delete error[short]
  }
  return error
}
