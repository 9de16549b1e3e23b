/**
 * What this package needs of a driver: a `pg.Client`, a `pg.Pool`, one that is instrumented, and a `PGlite` are one as they
 * are. For postgres-js: `{ query: async (text, values = []) => ({ rows: await sql.unsafe(text, values) }) }`.
 *
 * Every statement is one statement, with at most one parameter, which is a text, and answers one text: no type parser of
 * the application has a part in it, and no pooler can part it.
 */
export interface SqlClient {
  query(text: string, values?: string[]): Promise<{ readonly rows: readonly unknown[] }>
}
