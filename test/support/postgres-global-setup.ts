import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { pgliteTemplate } from './pglite-template.ts'
import type { PostgresMajor, PostgresServer } from './postgres-server.ts'
import { queryServer } from './query-server.ts'
import { selectedMajors, startPostgres } from './start-postgres.ts'

/** What the test files are told about the servers of the run. */
export interface ProvidedServer {
  readonly major: number
  readonly url: string
}

declare module 'vitest' {
  export interface ProvidedContext {
    postgresServers: readonly ProvidedServer[]
    /** In the name of every database of this run. */
    postgresRun: string
  }
}

/**
 * A worker of autovacuum comes to a new database when nobody expects it, and while it is there no old row version goes and no plan is
 * certain. What it does within a minute a test does itself, and one that is about it has a server of its own.
 */
const SETTINGS = { autovacuum: 'off' }

/** Starts one server per selected major, once for the whole run, and says what runs. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> =>
  provideServers(project, await selectedMajors())

export async function provideServers(
  project: TestProject,
  majors: readonly PostgresMajor[],
): Promise<() => Promise<void>> {
  const run = randomBytes(3).toString('hex')
  const started = await Promise.allSettled(majors.map((major) => startPostgres({ major, settings: SETTINGS })))
  const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = started.find((one) => one.status === 'rejected')
  if (failed !== undefined) {
    await Promise.all(servers.map((server) => server.stop()))
    throw failed.reason
  }
  for (const server of servers) console.log(`PostgreSQL ${server.version} (${server.rung})`)
  project.provide(
    'postgresServers',
    servers.map((server) => ({ major: server.major, url: server.url() })),
  )
  project.provide('postgresRun', run)
  return async () => {
    rmSync(pgliteTemplate(run), { force: true })
    for (const server of servers) {
      if (server.rung === 'given') await dropDatabases(server, run)
      await server.stop()
    }
  }
}

async function dropDatabases(server: PostgresServer, run: string): Promise<void> {
  const { rows } = await queryServer(server.url(), 'select datname from pg_database where starts_with(datname, $1)', [
    `ec_${run}_`,
  ])
  for (const { datname } of rows) await queryServer(server.url(), `drop database if exists "${datname}" with (force)`)
}
