import type { RunnerClient } from '../runner-client.ts'
import { loadInto } from './backup.ts'
import type { BackupCopy } from './backup-copy.ts'
import type { BackupHeader } from './backup-file.ts'
import type { BackupFiles } from './backup-files.ts'
import { BACKUP_SETTINGS, scratchColumns } from './backup-sql.ts'
import { forecastRows, rowsNow } from './keyless-counts.ts'
import { judgeRows, type KeylessParts } from './keyless-restore-sql.ts'
import { scratchTable } from './restore-sql.ts'

const NOW = 'pg_temp."expand_contract_now"'

/** What follows for each row, behind the load of the scratch table and in its transaction. */
export async function judgeKeyless(client: RunnerClient, parts: KeylessParts): Promise<void> {
  await client.query(`CREATE TEMPORARY TABLE "expand_contract_now" ON COMMIT DROP AS ${rowsNow(parts)}`)
  await client.query(`ANALYZE ${NOW}`)
  for (const sql of judgeRows(parts, NOW)) await client.query(sql)
}

/** What a restore without a key would give the rows, as the table is now; a row is counted once. */
export interface RestoreForecast {
  readonly rows: number
  /** As they were backed up, by all that they hold. */
  readonly exact: number
  /** Changed since, or new: every row of the backup that said the same in the new columns had this one old value. */
  readonly alike: number
  /** What they had, nothing tells: several old values come into question. They get what the mapping makes. */
  readonly ambiguous: number
  /** Changed since, or new, and nothing like them is missing: what the mapping makes. */
  readonly mapped: number
  /** Rows of the backup that are not there as they were: changed, or deleted. */
  readonly gone: number
}

interface Forecast {
  readonly client: RunnerClient
  readonly copy: BackupCopy
  readonly files: BackupFiles
  readonly path: string
  readonly parts: KeylessParts
  readonly header: BackupHeader
  /** Of the backup. */
  readonly backedUp: number
}

/** In temporary tables, which are gone with the transaction; nothing else is changed. */
export async function forecastRestore({
  client,
  copy,
  files,
  path,
  parts,
  header,
  backedUp,
}: Forecast): Promise<RestoreForecast> {
  const temporary = { ...parts, shape: { ...parts.shape, controlSchema: 'pg_temp' } }
  await client.query(`BEGIN; ${BACKUP_SETTINGS}; SET LOCAL idle_in_transaction_session_timeout = 0`)
  try {
    const scratch = scratchTable(temporary.shape)
    await client.query(`CREATE TABLE ${scratch} (${scratchColumns(header)})`)
    await loadInto({ copy, files, path }, scratch)
    await client.query(`ANALYZE ${scratch}`)
    await judgeKeyless(client, temporary)
    const { rows } = await client.query(forecastRows(temporary, NOW))
    const count = (name: string): number => Number(rows[0]?.[name])
    const [all, exact, alike] = [count('rows'), count('exact'), count('alike')]
    return {
      rows: all,
      exact,
      alike,
      ambiguous: count('ambiguous'),
      mapped: count('mapped'),
      gone: backedUp - count('kept'),
    }
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}
