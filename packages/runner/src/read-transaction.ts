import type { RunnerClient } from './runner-client.ts'

/** Runs what only reads in one transaction, so that all of it is of one moment, and settings are gone with it. */
export async function inReadTransaction<T>(client: RunnerClient, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // The connection may be what has failed; the first error is the one to know.
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
