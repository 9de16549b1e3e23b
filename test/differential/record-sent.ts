import type pg from 'pg'

/** The two messages that carry SQL text, as pg's own connection sends them. */
interface SqlConnection {
  query(text: string): void
  parse(query: { readonly text: string }, more?: boolean): void
}

/** What the library sends for itself: which columns there are, what types absent ones would have, savepoints around upserts; and `observe`. */
const OF_THE_WAIST =
  /pg_catalog\.current_schemas|WITH RECURSIVE (?:wanted|asked)|^SELECT NULL::[^;]* LIMIT 0$|SAVEPOINT expand_contract_upsert$|^select 1$/u

/** Records the application's texts as they go over the wire. */
export function recordSent(client: pg.PoolClient): string[] {
  const sent: string[] = []
  const { connection } = client as unknown as { readonly connection: SqlConnection }
  const query = connection.query.bind(connection)
  const parse = connection.parse.bind(connection)
  connection.query = (text) => {
    if (!OF_THE_WAIST.test(text)) sent.push(text)
    query(text)
  }
  connection.parse = (message, more) => {
    if (!OF_THE_WAIST.test(message.text)) sent.push(message.text)
    parse(message, more)
  }
  return sent
}
