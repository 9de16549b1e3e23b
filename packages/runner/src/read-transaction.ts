import type { RunnerClient } from './runner-client.ts'

/** Runs what only reads in one transaction, so that all of it is of one moment, and settings are gone with it. */
export const inReadTransaction = <T>(client: RunnerClient, work: () => Promise<T>): Promise<T> =>
  inTransaction(client, `${ONE_SNAPSHOT}, READ ONLY`, work)

/** The same under settings of its own, for what may make a temporary table. */
export const inSnapshot = <T>(client: RunnerClient, settings: string, work: () => Promise<T>): Promise<T> =>
  inTransaction(client, `${ONE_SNAPSHOT}; ${settings}`, work)

const ONE_SNAPSHOT = 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ'

async function inTransaction<T>(client: RunnerClient, begin: string, work: () => Promise<T>): Promise<T> {
  await client.query(begin)
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
