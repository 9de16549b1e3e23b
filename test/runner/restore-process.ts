// A restore in a process of its own, to be killed. Says `batch` at each COMMIT, and its result at the end.
import { changeColumnType } from '@expand-contract/core'
import { planRestore, restore } from '@expand-contract/runner'
import pg from 'pg'
import { backupCopy } from '../../packages/cli/src/backup/backup-copy.ts'
import { backupFiles } from '../../packages/cli/src/backup/backup-files.ts'

const [, , url, path = ''] = process.argv
const client = new pg.Client({ connectionString: url })
await client.connect()
const told = {
  async query(text: string, values?: unknown[]) {
    const answer = await client.query(text, values)
    if (text === 'COMMIT' || text.includes('WITH filled AS')) process.send?.('batch')
    return answer
  },
}
const migration = changeColumnType({
  ...{ table: 'things', from: 'label', to: 'tidy', fromType: 'text', type: 'varchar(40)' },
  ...{ forward: "nullif(btrim(label), 'none')", backward: "tidy || ''" },
})
const common = { client: told, path, files: backupFiles }
const plan = await planRestore({ ...common, migration })
const restored = await restore({ ...common, plan, copy: backupCopy(client), operator: { who: 'child' } })
process.send?.(restored === undefined ? 'stopped' : 'done')
await client.end()
