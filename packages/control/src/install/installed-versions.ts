import { ExpandContractError, quoteIdentifier } from '@expand-contract/core'
import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import type { ControlErrorCode } from '../error-catalogue.ts'
import { CONTROL_FILES } from '../generated/control-sql.ts'

export interface InstalledVersion {
  readonly version: number
  readonly name: string
  readonly breaking: boolean
}

const THERE = `SELECT to_json(to_regclass($1::text::jsonb ->> 'name') IS NOT NULL)::text AS found`

const VERSIONS = `SELECT json_agg(json_build_object('version', v.version, 'name', v.name, 'breaking', v.breaking)
  ORDER BY v.version)::text AS found FROM :schema.schema_versions v`

/**
 * The versions that are installed, in order; empty where the schema is not.
 * @throws EC_CONTROL_PRIVILEGE
 */
export async function installedVersions(control: Control): Promise<readonly InstalledVersion[]> {
  const name = `${quoteIdentifier(control.schema)}.schema_versions`
  if (!(await ask<boolean>(control, THERE, { name }))) return []
  return (await ask<readonly InstalledVersion[] | null>(control, VERSIONS)) ?? []
}

/**
 * Makes sure that this version of the library may use the schema as it is: all that it needs is there, and nothing that is newer
 * says that it must not.
 * @throws EC_CONTROL_MISSING, EC_CONTROL_NEWER, EC_CONTROL_PRIVILEGE
 */
export async function checkControl(control: Control): Promise<void> {
  const installed = await installedVersions(control)
  refuseNewer(control, installed)
  const missing = missingFiles(installed)
  if (missing.length === 0) return
  const code: ControlErrorCode = 'EC_CONTROL_MISSING'
  const what =
    installed.length === 0
      ? 'is not installed'
      : `is of version ${installed.at(-1)?.version}, and this library needs ${CONTROL_FILES.at(-1)?.version}`
  throw new ExpandContractError(code, {
    message: `The control schema ${quoteIdentifier(control.schema)} ${what} in this database.`,
    hint: 'Run `expand-contract init`, or installControl(client), in this database; or give the name that it was installed with as `schema`.',
  })
}

/** @throws EC_CONTROL_NEWER */
export function refuseNewer({ schema }: Control, installed: readonly InstalledVersion[]): void {
  const ours = CONTROL_FILES.at(-1)?.version ?? 0
  const newer = installed.find(({ version, breaking }) => version > ours && breaking)
  if (newer === undefined) return
  const code: ControlErrorCode = 'EC_CONTROL_NEWER'
  throw new ExpandContractError(code, {
    message: `The control schema ${quoteIdentifier(schema)} has version ${newer.version} (${newer.name}), which is not for libraries that know ${ours} alone.`,
    hint: 'Upgrade expand-contract in this program to the version that the others have. Nothing was changed.',
  })
}

export const missingFiles = (installed: readonly InstalledVersion[]): typeof CONTROL_FILES =>
  CONTROL_FILES.filter((file) => !installed.some(({ version }) => version === file.version))
