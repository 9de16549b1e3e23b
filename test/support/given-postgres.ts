import { asMajor, type PostgresMajor, type PostgresServer, urlOfDatabase } from './postgres-server.ts'
import { serverVersion } from './query-server.ts'

/** The server that the environment gives for a major: EC_POSTGRES_URL_18, or EC_POSTGRES_URL when it is of that major. */
export async function givenPostgres(major: PostgresMajor): Promise<PostgresServer | undefined> {
  const name = `EC_POSTGRES_URL_${major}`
  const own = process.env[name]
  if (own) {
    const server = await connected(own, name)
    if (server.major !== major) throw new Error(`${name} is PostgreSQL ${server.version}, not ${major}.`)
    return server
  }
  const shared = process.env.EC_POSTGRES_URL
  if (!shared) return undefined
  const server = await connected(shared, 'EC_POSTGRES_URL')
  return server.major === major ? server : undefined
}

/** The majors of the servers that the environment gives, or none. */
export async function givenMajors(supported: readonly PostgresMajor[]): Promise<readonly PostgresMajor[]> {
  const named = supported.filter((major) => process.env[`EC_POSTGRES_URL_${major}`])
  const shared = process.env.EC_POSTGRES_URL
  if (!shared) return named
  const { major } = await connected(shared, 'EC_POSTGRES_URL')
  return supported.filter((one) => one === major || named.includes(one))
}

async function connected(given: string, name: string): Promise<PostgresServer> {
  const found = await serverVersion(given).catch((cause: unknown) => {
    // The URL may carry a password, so it is not repeated.
    throw new Error(`The server of ${name} does not answer. Correct it, or unset it to use embedded PostgreSQL.`, {
      cause,
    })
  })
  return {
    major: asMajor(found.major, name),
    version: found.version,
    rung: 'given',
    url: (database) => (database === undefined ? given : urlOfDatabase(given, database)),
    stop: async () => {},
  }
}
