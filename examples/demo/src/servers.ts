import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@expand-contract/test/support/embedded-postgres'
import type { PostgresServer } from '@expand-contract/test/support/postgres-server'
import { queryServer } from '@expand-contract/test/support/query-server'
import { startUnleash, type UnleashServer } from '@expand-contract/test/support/unleash'

/** Takes what has to be done when the demo ends, however it ends; the last that was given is done first. */
export type AtEnd = (step: () => Promise<unknown>) => void

/** A folder for backups and what else is gone with the demo. */
export async function scratchFolder(atEnd: AtEnd): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ec-demo-'))
  atEnd(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A PostgreSQL with `fsync` and its other defaults for durability, and the databases `shop` and `unleash`. */
export async function startPostgres(atEnd: AtEnd): Promise<PostgresServer> {
  const starting = startEmbeddedPostgres({ major: 18, durable: true })
  atEnd(async () => (await starting).stop())
  const postgres = await starting
  for (const database of ['shop', 'unleash']) await queryServer(postgres.url(), `create database ${database}`)
  // Unleash sets itself up in hundreds of small transactions, and nobody will miss its flags tomorrow.
  await queryServer(postgres.url(), 'alter database unleash set synchronous_commit = off')
  return postgres
}

/** A real Unleash server, on the database `unleash`. */
export async function startFlagServer(postgres: PostgresServer, atEnd: AtEnd): Promise<UnleashServer> {
  const starting = startUnleash({ databaseUrl: postgres.url('unleash') })
  atEnd(async () => (await starting).stop())
  return starting
}
