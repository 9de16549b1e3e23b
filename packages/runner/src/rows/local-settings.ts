import { LEAVE_NOTHING } from '../execute/session-settings.ts'

/** For a transaction that looks at rows, and for it alone: row security raises instead of hiding rows, and a client that is killed leaves nothing behind. */
export const LOCAL_SETTINGS = `SET LOCAL row_security = off; SET LOCAL statement_timeout = 0;
  SET LOCAL idle_in_transaction_session_timeout = '60s'; ${LEAVE_NOTHING}`
