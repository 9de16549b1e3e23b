import type { RunnerClient } from '../runner-client.ts'

/**
 * What every transaction of the runner sets, for itself alone: a plain SET would stay with the connection, which a pooler hands to others.
 * `row_security = off` raises where rows are hidden from the role, instead of calling what it sees clean. A transaction that its client has
 * left behind ends by itself. A commit of ours is durable, whatever the session's default.
 */
export async function setForTransaction(client: RunnerClient, application: string): Promise<void> {
  await client.query(
    `SELECT pg_catalog.set_config('statement_timeout', '0', true), pg_catalog.set_config('row_security', 'off', true),
  pg_catalog.set_config('idle_in_transaction_session_timeout', '60s', true),
  pg_catalog.set_config('application_name', $1, true),
  pg_catalog.set_config('synchronous_commit', CASE pg_catalog.current_setting('synchronous_commit') WHEN 'off' THEN 'on'
    ELSE pg_catalog.current_setting('synchronous_commit') END, true)`,
    [application],
  )
  await client.query(LEAVE_NOTHING)
}

/** The statement that runs ends when its client is gone. Some platforms refuse the setting, and an error would end the transaction. */
const leaveNothing = (local: boolean): string => `DO $set$ BEGIN
  PERFORM pg_catalog.set_config('client_connection_check_interval', '10s', ${local});
EXCEPTION WHEN OTHERS THEN NULL; END $set$`

export const LEAVE_NOTHING = leaveNothing(true)

/** The same outside of a transaction, until the setting is put back. */
export const LEAVE_NOTHING_BEHIND = leaveNothing(false)

export const setLockTimeout = (client: RunnerClient, ms: number): Promise<unknown> =>
  client.query("SELECT pg_catalog.set_config('lock_timeout', $1, true)", [`${Math.max(1, Math.round(ms))}ms`])
