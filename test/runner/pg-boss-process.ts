// A worker that is killed within a backfill, behind a batch that is committed: DATABASE_URL is where.
import { renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { workOn } from './pg-boss-worker.ts'

const { DATABASE_URL: connectionString = '' } = process.env
const label = renameColumn({ table: 'items', from: 'name', to: 'label', type: 'text' })

const pool = new pg.Pool({ connectionString, max: 1 })
pool.on('connect', (client) => {
  const query = client.query.bind(client)
  let filled = 0
  Object.assign(client, {
    async query(text: string, values?: unknown[]): Promise<unknown> {
      const answer: unknown = await Reflect.apply(query, undefined, [text, values])
      if (/\bUPDATE\b[\s\S]*\bitems\b/iu.test(text)) filled++
      if (filled > 1 && /^commit/iu.test(text)) process.kill(process.pid, 'SIGKILL')
      return answer
    },
  })
})
const boss = new PgBoss({ connectionString, schema: 'boss' })
await boss.start()
await workOn(boss, pool, { migrations: [label], budgetMs: 60_000 })
