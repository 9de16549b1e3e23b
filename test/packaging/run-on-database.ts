import { randomUUID } from 'node:crypto'
import type { PostgresServer } from '../support/postgres-server.ts'
import { queryServer } from '../support/query-server.ts'

/** Runs it on an empty database of its own, by its address. */
export async function runOnDatabase<T>(server: PostgresServer, run: (url: string) => Promise<T>): Promise<T> {
  const database = `packed_${randomUUID().replaceAll('-', '')}`
  await queryServer(server.url(), `create database ${database}`)
  try {
    return await run(server.url(database))
  } finally {
    await queryServer(server.url(), `drop database ${database} with (force)`)
  }
}
