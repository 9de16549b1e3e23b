import { setTimeout as pause } from 'node:timers/promises'
import { ExpandContractError, quoteIdentifier } from '@expand-contract/core'
import { messageOf, stateOf } from '../ask.ts'
import { type Control, type ControlOptions, checkedSchema, openControl } from '../control.ts'
import type { ControlErrorCode } from '../error-catalogue.ts'
import { CONTROL_FILES } from '../generated/control-sql.ts'
import type { SqlClient } from '../sql-client.ts'
import { installScript, installStatement } from './install-statement.ts'
import { installedVersions, missingFiles, refuseNewer } from './installed-versions.ts'

const TRIES = 10

/** A lock that was not to be had, a deadlock, or another one who came first in a transaction that does not see it. */
const TRY_AGAIN = new Set(['55P03', '40001', '40P01', '23505', '42P06', '42P07'])

export interface InstalledControl {
  readonly schema: string
  /** The newest version that is installed now. */
  readonly version: number
  /** What this call has installed: `000001-migrations`; empty when everything was there. */
  readonly installed: readonly string[]
}

/**
 * Installs the control schema, or brings it up to date. Safe to call from any number of processes at once; what is there
 * already takes two reads and no privilege to write. Data stays as it is.
 * @throws EC_CONTROL_SCHEMA, EC_CONTROL_NEWER, EC_CONTROL_INSTALL, EC_CONTROL_PRIVILEGE
 */
export async function installControl(client: SqlClient, options: ControlOptions = {}): Promise<InstalledControl> {
  const control = openControl(client, options)
  const before = await installedVersions(control)
  refuseNewer(control, before)
  const missing = missingFiles(before)
  if (missing.length > 0) await install(control)
  const after = missing.length > 0 ? await installedVersions(control) : before
  refuseNewer(control, after)
  return {
    schema: control.schema,
    version: after.at(-1)?.version ?? 0,
    installed: missing.map(({ version, name }) => `${String(version).padStart(6, '0')}-${name}`),
  }
}

async function install(control: Control): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await control.client.query(installStatement(control.schema, CONTROL_FILES))
      return
    } catch (cause) {
      if (tries === TRIES || !TRY_AGAIN.has(stateOf(cause) ?? '')) throw notInstalled(control, cause)
      await pause(50 + Math.random() * 200)
    }
  }
}

function notInstalled({ schema }: Control, cause: unknown): ExpandContractError {
  const code: ControlErrorCode = 'EC_CONTROL_INSTALL'
  return new ExpandContractError(code, {
    message: `The control schema ${quoteIdentifier(schema)} could not be installed, and nothing of it was: ${messageOf(cause)}.`,
    hint: 'Run it as a role that may create schemas in this database, or have that role run what controlSql() prints (docs/privileges.md). See `cause`.',
    cause,
  })
}

export interface ControlSqlOptions extends ControlOptions {
  /** The version that is installed; what comes after it is printed. @defaultValue 0: nothing is */
  readonly from?: number | undefined
}

/**
 * What `installControl` would run, as a script that psql runs, for those who install by hand.
 * @throws EC_CONTROL_SCHEMA
 */
export function controlSql({ schema, from = 0 }: ControlSqlOptions = {}): string {
  return installScript(
    checkedSchema(schema),
    CONTROL_FILES.filter(({ version }) => version > from),
  )
}
