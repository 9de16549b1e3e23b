import { runnerError } from '../runner-error.ts'
import { loadInto } from './backup.ts'
import { BACKUP_SETTINGS, scratchColumns } from './backup-sql.ts'
import { isKeyless, keylessFunctions } from './keyless-restore-sql.ts'
import { judgeKeyless } from './load-keyless.ts'
import { loadOwnRows } from './load-own-rows.ts'
import type { RestoreOptions } from './restore-options.ts'
import { dropRestoreParts, restoreFunctions, scratchTable } from './restore-sql.ts'
import { readRestoring } from './restoring.ts'

/**
 * The backup in a table of the control schema, with its checksum; a load that was interrupted has left nothing.
 * @throws EC_BACKUP_DAMAGED, EC_BACKUP_OTHER, EC_BACKUP_ROWS, and what a command raises
 */
export async function loadRestore(options: RestoreOptions): Promise<void> {
  const { client, plan, schema: controlSchema } = options
  const { parts, summary } = plan
  const { shape } = parts
  const { migration } = shape
  if ((await readRestoring(client, { migration, controlSchema })) === summary.fileSha256) return
  const scratch = scratchTable(shape)
  await client.query(`BEGIN; ${BACKUP_SETTINGS}; SET LOCAL idle_in_transaction_session_timeout = 0`)
  try {
    for (const sql of dropRestoreParts(shape)) await client.query(sql)
    await client.query(`CREATE TABLE ${scratch} (${scratchColumns(summary.header)})`)
    await loadRows(options, scratch)
    if (isKeyless(parts)) await judgeKeyless(client, parts)
    for (const sql of isKeyless(parts) ? keylessFunctions(parts) : restoreFunctions(parts)) await client.query(sql)
    await client.query(`COMMENT ON TABLE ${scratch} IS '${summary.fileSha256}'; ANALYZE ${scratch}`)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function loadRows(options: RestoreOptions, scratch: string): Promise<void> {
  const { client, copy, files, plan, path, own } = options
  const { summary, parts } = plan
  const { id } = parts.shape.migration
  if (plan.own !== undefined) {
    if (own === undefined) throw new RangeError('nothing gives its rows back')
    const { fingerprint, rows } = await loadOwnRows({ client, copy, own, of: plan.own, scratch })
    if (fingerprint !== summary.fileSha256) throw otherRows(id, rows, summary.trailer.rows)
    return
  }
  const { fileSha256 } = await loadInto({ copy, files, path: path ?? '' }, scratch)
  if (fileSha256 !== summary.fileSha256)
    throw runnerError('EC_BACKUP_DAMAGED', {
      message: `${path} is not the file any more that it was a moment ago. Nothing was changed.`,
      hint: 'Run the command again.',
      migration: id,
    })
  if (isKeyless(parts)) return
  const keys = parts.key.map((_, index) => `k${index + 1}`).join(', ')
  await client.query(`CREATE UNIQUE INDEX ON ${scratch} (${keys})`)
}

const otherRows = (id: string, rows: number, recorded: number) =>
  runnerError('EC_BACKUP_OTHER', {
    message: `What the command gives back, ${rows} rows, are not the ${recorded} rows that were compared when the backup of ${id} was taken. Nothing was changed.`,
    hint: 'It is to give back that backup, and not a later one; `expand-contract log` says when it was taken.',
    migration: id,
  })
