import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { ExpandContractError } from '@expand-contract/core'
import type { ControlOptions } from '../control.ts'
import type { ControlErrorCode } from '../error-catalogue.ts'

export interface FleetOptions extends ControlOptions {
  /** The name of the application: `web`, `worker`. Statements are recorded by it. */
  readonly application: string
  /** Its version, for people to tell deploys apart. @defaultValue none */
  readonly version?: string | undefined
  /** The name of this process: one pod, one worker of a cluster. Two that live at once must not have the same. @defaultValue the host's name and a random number */
  readonly instance?: string | undefined
  /**
   * How often it writes, in milliseconds, give or take a tenth: one statement, on a connection of the pool. A phase change that waits for
   * this process waits that long at most, and the lease of the catalog. @defaultValue 5000
   */
  readonly everyMs?: number | undefined
}

export interface ParsedFleetOptions {
  readonly application: string
  readonly version: string | undefined
  readonly instance: string
  readonly everyMs: number
  readonly host: string
}

const MAX_BYTES = 1_000

/** @throws EC_CONTROL_OPTION */
export function parseFleetOptions({
  application,
  version,
  instance,
  everyMs = 5_000,
}: FleetOptions): ParsedFleetOptions {
  const host = hostname()
  const name = instance ?? `${host}-${randomBytes(4).toString('hex')}`
  checkName('application', application)
  checkName('instance', name)
  if (version !== undefined) checkName('version', version)
  if (!(Number.isInteger(everyMs) && everyMs >= 100 && everyMs <= 3_600_000))
    refuse('everyMs', `${String(everyMs)}, and can be a whole number of milliseconds from 100 to 3,600,000`)
  return { application, version, instance: name, everyMs, host }
}

function checkName(option: string, value: unknown): void {
  const usable =
    typeof value === 'string' &&
    value !== '' &&
    !value.includes('\0') &&
    value.isWellFormed() &&
    new TextEncoder().encode(value).length <= MAX_BYTES
  if (!usable) refuse(option, `not a text of 1 to ${MAX_BYTES} bytes`)
}

function refuse(option: string, is: string): never {
  const code: ControlErrorCode = 'EC_CONTROL_OPTION'
  throw new ExpandContractError(code, {
    message: `The option ${option} of joinFleet is ${is}.`,
    hint: "Such as joinFleet(runtime, pool, { application: 'web', version: '2026.47.1' }).",
  })
}
