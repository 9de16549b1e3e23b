import type { BackupCopy } from '@expand-contract/runner'
import type pg from 'pg'
import { from, to } from 'pg-copy-streams'

/** COPY by a connection of pg. */
export const backupCopy = (client: pg.Client): BackupCopy => ({
  to: (sql) => client.query(to(sql)),
  from: (sql) => client.query(from(sql)),
})
