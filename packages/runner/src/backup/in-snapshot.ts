import type { RunnerClient } from '../runner-client.ts'
import { BACKUP_SETTINGS } from './backup-sql.ts'

/** One snapshot, in which values are spelled as in every backup. */
export async function inSnapshot<T>(client: RunnerClient, work: () => Promise<T>): Promise<T> {
  await client.query(`BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ; ${BACKUP_SETTINGS}`)
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
