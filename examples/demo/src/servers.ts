import { startEmbeddedPostgres } from '@expand-contract/test/support/embedded-postgres'
import { queryServer } from '@expand-contract/test/support/query-server'
import { startUnleash, type UnleashServer } from '@expand-contract/test/support/unleash'

export interface Servers {
  readonly postgresVersion: string
  /** The application's database. */
  readonly databaseUrl: string
  readonly unleash: UnleashServer
}

/** Takes what has to be done when the demo ends, however it ends; the last that was given is done first. */
export type AtEnd = (step: () => Promise<unknown>) => void

/** Starts a PostgreSQL with fsync and its other defaults for durability, and a real Unleash server. */
export async function startServers(atEnd: AtEnd): Promise<Servers> {
  const startingPostgres = startEmbeddedPostgres({ major: 18, durable: true })
  atEnd(async () => (await startingPostgres).stop())
  const postgres = await startingPostgres
  for (const database of ['shop', 'unleash']) await queryServer(postgres.url(), `create database ${database}`)

  const startingUnleash = startUnleash({ databaseUrl: postgres.url('unleash') })
  atEnd(async () => (await startingUnleash).stop())
  const unleash = await startingUnleash
  return { postgresVersion: postgres.version, databaseUrl: postgres.url('shop'), unleash }
}
