import type { TriggerShield } from '../backfill/user-triggers.ts'
import { LEAVE_NOTHING } from '../execute/session-settings.ts'
import type { BackfillMember } from '../rows/member.ts'
import type { TidRange } from '../rows/tid-range.ts'
import type { RunnerClient } from '../runner-client.ts'
import { sqlState } from '../runner-error.ts'
import { isKeyless, keylessRange } from './keyless-restore-sql.ts'
import { RESTORE_SETTING, type RestoreParts, restoreRange } from './restore-sql.ts'

export interface RestoreBatch {
  readonly parts: RestoreParts
  readonly shield: TriggerShield
  readonly member: BackfillMember
  readonly range: TidRange
}

const BUSY = new Set(['55P03', '40P01', '40001', '57014'])
/** Classes of errors that the values of a row raise, as in the backfill. */
const OF_ROWS = /^(?:21|22|23|38|39|44|P0)/u

/** How many rows were restored, in one transaction; of all else nothing was done. */
export async function fillRange(
  client: RunnerClient,
  { parts, shield, member, range }: RestoreBatch,
): Promise<number | 'busy' | 'refused' | 'rewritten'> {
  // Below deadlock_timeout, so that it is always the batch that gives up.
  const settings = [
    ...["BEGIN; SET LOCAL lock_timeout = '200ms'", 'SET LOCAL row_security = off', 'SET LOCAL statement_timeout = 0'],
    ...["SET LOCAL idle_in_transaction_session_timeout = '60s'", LEAVE_NOTHING],
    ...(shield.replica ? ['SET LOCAL session_replication_role = replica'] : []),
  ]
  try {
    await client.query(settings.join('; '))
    await client.query('SELECT pg_catalog.set_config($1, $2, true)', [RESTORE_SETTING, parts.shape.migration.id])
    const { rows } = await client.query(
      isKeyless(parts) ? keylessRange(parts, member, range) : restoreRange(parts, member, range),
    )
    const same = rows[0]?.same === true
    if (same && isKeyless(parts) && rows[0]?.taken !== rows[0]?.rows) {
      // Another one has changed a row meanwhile, or a trigger of the application keeps it as it is: halved, either is told.
      await client.query('ROLLBACK')
      return 'refused'
    }
    await client.query(same ? 'COMMIT' : 'ROLLBACK')
    return same ? Number(rows[0]?.rows) : 'rewritten'
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    const code = sqlState(error) ?? ''
    if (BUSY.has(code)) return 'busy'
    if (OF_ROWS.test(code)) return 'refused'
    throw error
  }
}
