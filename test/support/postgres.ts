import { createHash, randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type {} from './postgres-global-setup.ts'
import { asMajor, type PostgresMajor, urlOfDatabase } from './postgres-server.ts'
import { queryServer, runScript } from './query-server.ts'

/** The majors of this run, for `describe.each(postgresMajors())('PostgreSQL %i', (major) => ...)`. */
export function postgresMajors(): readonly PostgresMajor[] {
  return inject('postgresServers').map((server) => asMajor(server.major, 'A server of this run'))
}

/** The newest major of this run, for tests that PostgreSQL's version has no part in. */
export function newestMajor(): PostgresMajor {
  const newest = postgresMajors().at(-1)
  if (newest === undefined) throw new Error('This run has no PostgreSQL server. Does PG_MAJORS name one?')
  return newest
}

export interface TestDatabase {
  readonly name: string
  readonly url: string
  /** Drops it. Throws when connections are left open, after closing them: a test has leaked them. */
  drop(): Promise<void>
}

export interface CreateDatabase {
  /**
   * A script that the database starts with. It runs once per run and server, in a template of its own that is cloned for every
   * call with the same text (about 10 ms), so a call per test is affordable.
   */
  readonly sql?: string
  /** The name of a database to clone instead; nobody may be connected to it. */
  readonly template?: string
  /** How long `drop` waits for connections that are about to end, in milliseconds. @defaultValue 60_000 */
  readonly patienceMs?: number
}

/** A backend ends a moment after its client, on a busy machine a long moment. */
const PATIENCE_MS = 60_000

/** Creates a database on the server of a major. */
export const createDatabase = (major: PostgresMajor, options: CreateDatabase = {}): Promise<TestDatabase> =>
  createDatabaseOn(serverUrl(major), options)

/** The same on a server of the test's own. */
export async function createDatabaseOn(server: string, options: CreateDatabase = {}): Promise<TestDatabase> {
  const name = databaseName(randomBytes(5).toString('hex'))
  const ownTemplate =
    options.template ?? (options.sql === undefined ? 'template0' : await templateOf(server, options.sql))
  await queryServer(server, `create database "${name}" template "${ownTemplate}"`)
  if (options.template !== undefined && options.sql !== undefined)
    await runScript(urlOfDatabase(server, name), options.sql)
  return { name, url: urlOfDatabase(server, name), drop: () => dropDatabase(server, name, options.patienceMs) }
}

/** The URL of the server itself, for what is not in a database: roles, settings, other sessions. */
export function serverUrl(major: PostgresMajor): string {
  const server = inject('postgresServers').find((one) => one.major === major)
  if (server === undefined) throw new Error(`PostgreSQL ${major} does not run. Add it to PG_MAJORS.`)
  return server.url
}

const databaseName = (suffix: string): string => `ec_${inject('postgresRun')}_${suffix}`

/** Test files run at once, so the template is made under a lock, and gets its name only when it is complete. */
async function templateOf(server: string, sql: string): Promise<string> {
  const name = databaseName(`tpl_${createHash('sha256').update(sql).digest('hex').slice(0, 16)}`)
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: server, application_name: 'ec-test-support' })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [name])
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 0) {
      const draft = `${name}_draft`
      await client.query(`drop database if exists "${draft}" with (force)`)
      await client.query(`create database "${draft}" template template0`)
      await runScript(urlOfDatabase(server, draft), sql)
      await waitUntilUnused(server, draft)
      await client.query(`alter database "${draft}" rename to "${name}"`)
    }
    return name
  } finally {
    await client.end()
  }
}

async function dropDatabase(server: string, name: string, patienceMs?: number): Promise<void> {
  const left = await waitUntilUnused(server, name, patienceMs)
  await queryServer(server, `drop database if exists "${name}" with (force)`)
  if (left.length > 0) throw new Error(`Connections to a test database were left open: ${left.join('; ')}`)
}

/** What is left when the time is up. */
async function waitUntilUnused(server: string, name: string, patienceMs = PATIENCE_MS): Promise<readonly string[]> {
  const end = performance.now() + patienceMs
  for (;;) {
    const { rows } = await queryServer(
      server,
      `select format('%s (%s): %s', coalesce(nullif(application_name, ''), 'unnamed'), state, left(query, 80)) as session
       from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    )
    if (rows.length === 0 || performance.now() > end) return rows.map((row) => String(row.session))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
