import type pg from 'pg'

/** The two messages that carry SQL text, as pg's own connection sends them. */
interface SqlConnection {
  query(text: string): void
  parse(query: { readonly text: string }, more?: boolean): void
}

/** Records the texts as they go over the wire. */
export function recordSent(client: pg.PoolClient): string[] {
  const sent: string[] = []
  const { connection } = client as unknown as { readonly connection: SqlConnection }
  const query = connection.query.bind(connection)
  const parse = connection.parse.bind(connection)
  connection.query = (text) => {
    sent.push(text)
    query(text)
  }
  connection.parse = (message, more) => {
    sent.push(message.text)
    parse(message, more)
  }
  return sent
}
