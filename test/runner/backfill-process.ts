// A backfill in a process of its own, to be killed. Says `batch` after each, and `done` at the end.
import { renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { backfill } from '../../packages/runner/src/backfill/backfill.ts'

const client = new pg.Client({ connectionString: process.argv[2] })
await client.connect()
const told = {
  async query(text: string, values?: unknown[]) {
    const answer = await client.query(text, values)
    // Between the data and its COMMIT, and behind that.
    if (text.includes('"filled" AS') || text === 'COMMIT') process.send?.('batch')
    return answer
  },
}
const migration = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })
const ddl = async (text: string): Promise<void> => void (await client.query(text))
const { ended } = await backfill({ migration, client: told, worker: 'child', ddl, batchMs: 1 })
process.send?.(ended)
await client.end()
