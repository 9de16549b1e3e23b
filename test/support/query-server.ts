import pg from 'pg'

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'ec-test-support' })
  // A server that goes down says so to whoever is connected still; a statement that is lost by it rejects all the same.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Runs one statement on a connection of its own. */
export async function queryServer(url: string, sql: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
  const client = await connected(url)
  try {
    return await client.query(sql, [...values])
  } finally {
    await client.end()
  }
}

/** Runs a script of several statements in one database. */
export async function runScript(url: string, sql: string): Promise<void> {
  const client = await connected(url)
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** The server's version as a number and as text: 180004 and `18.4`. */
export async function serverVersion(url: string): Promise<{ readonly major: number; readonly version: string }> {
  const { rows } = await queryServer(
    url,
    "select current_setting('server_version_num')::int / 10000 as major, split_part(current_setting('server_version'), ' ', 1) as version",
  )
  return rows[0]
}
