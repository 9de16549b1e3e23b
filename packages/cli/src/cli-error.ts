import { CORE_ERRORS, type ErrorFacts, ExpandContractError } from '@expand-contract/core'
import type { CliErrorCode } from './error-catalogue.ts'
import type { Ending } from './exit-codes.ts'

/** An error of this package, by a code of its catalogue. */
export const cliError = (code: CliErrorCode, facts: ErrorFacts): ExpandContractError =>
  new ExpandContractError(code, facts)

/** Nothing has begun where these are raised, but where a connection is lost. */
const ENDINGS: Readonly<Record<CliErrorCode, Ending>> = {
  EC_CONFIG: 'notStarted',
  EC_CONFIG_LOAD: 'notStarted',
  EC_DECLARATIONS: 'notStarted',
  EC_NO_SUCH_MIGRATION: 'notStarted',
  EC_CONNECTION: 'notStarted',
  EC_CONNECTION_LOST: 'unexpected',
  EC_CHECK_BASE: 'notStarted',
  EC_NODE: 'notStarted',
  EC_USAGE: 'notStarted',
  EC_NOT_BEGUN: 'refused',
  EC_GATE: 'refused',
  EC_DOCTOR: 'refused',
  EC_RUNBOOK: 'refused',
  EC_OPERATOR: 'gaveUp',
  EC_BACKUP_COMMAND: 'refused',
  EC_BACKUP_TIMEOUT: 'gaveUp',
  EC_CONSENT: 'notConfirmed',
}

/** Errors of the runner and the control schema that say that nothing was changed, and why. */
const OTHERS: Readonly<Record<string, Ending>> = {
  EC_LOCK_NOT_GRANTED: 'gaveUp',
  EC_NOT_ACKNOWLEDGED: 'gaveUp',
  EC_NOT_REPLAYED: 'gaveUp',
  EC_REPLICAS_HIDDEN: 'gaveUp',
  EC_CONTROL_MISSING: 'notStarted',
  EC_CONTROL_PRIVILEGE: 'notStarted',
  EC_CONTROL_NEWER: 'notStarted',
  EC_CONTROL_TRANSITION: 'refused',
  EC_BACKFILL_NOT_EXPANDED: 'refused',
  EC_BACKFILL_TRIGGERS: 'refused',
  EC_SYNC_TRIGGER: 'refused',
  EC_BACKUP_NODE: 'notStarted',
  EC_BACKUP_FOLDER: 'notStarted',
  EC_BACKUP_FILE: 'unexpected',
}

/** How a command ends that raises this. */
export function endingOf(error: unknown): Ending {
  if (!ExpandContractError.isInstance(error)) return 'unexpected'
  const known: Readonly<Record<string, Ending>> = { ...OTHERS, ...ENDINGS }
  const declaring = error.code in CORE_ERRORS || /^EC_(?:DRIZZLE|TYPEORM)_/u.test(error.code)
  return known[error.code] ?? (declaring ? 'notStarted' : 'refused')
}
