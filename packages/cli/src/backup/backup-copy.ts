import type { BackupCopy } from '@expand-contract/runner'
import type pg from 'pg'
import { from, to } from 'pg-copy-streams'

/** COPY by a connection of pg; `beside` is another one, by which it is cancelled. */
export const backupCopy = (client: pg.Client, beside?: pg.Client): BackupCopy => ({
  to: (sql) => client.query(to(sql)),
  from: (sql) => client.query(from(sql)),
  async cancel(pid) {
    await beside?.query('SELECT pg_catalog.pg_cancel_backend($1)', [pid])
  },
})
