import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, DatabaseError } from 'pg'

const LOCK_NOT_AVAILABLE = '55P03'
const TRIES = 30

/**
 * ADD COLUMN needs the table for itself for a moment. It waits for that no longer than 200 ms at a time: all other
 * statements queue behind the one that waits.
 */
export async function addColumns(db: Client, statements: readonly string[]): Promise<void> {
  await db.query("set lock_timeout = '200ms'")
  for (const statement of statements) await patiently(() => db.query(statement))
  await db.query('reset lock_timeout')
}

async function patiently(run: () => Promise<unknown>, tries = TRIES): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (tries === 1 || !(error instanceof DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error
    await sleep(100 * (1 + Math.random()))
    await patiently(run, tries - 1)
  }
}
