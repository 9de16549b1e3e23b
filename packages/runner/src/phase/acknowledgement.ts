import { setTimeout as delay } from 'node:timers/promises'
import { type Control, type InstanceRecord, readFleet, readMigration } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { WaitAction } from '../action.ts'
import { runnerError } from '../runner-error.ts'

/** Who has heard of the phase that is recorded. */
export interface Acknowledgement {
  /** The epoch that counts. */
  readonly epoch: number
  /** Live processes that declare the migration. */
  readonly processes: readonly InstanceRecord[]
  /** Those of them that follow an earlier epoch, or take their phases from elsewhere. */
  readonly missing: readonly InstanceRecord[]
  /** Behind the last one, what no heartbeat tells of is covered by the longest lease, in milliseconds. */
  readonly longestLeaseMs: number
}

/** The lease of a process that has joined no fleet, unless it was given another. */
const DEFAULT_LEASE_MS = 1_000

export async function readAcknowledgement(control: Control, migration: string): Promise<Acknowledgement> {
  const epoch = (await readMigration(control, migration))?.epoch ?? 0
  const processes = (await readFleet(control)).filter(({ declarations }) => declarations[migration] !== undefined)
  return {
    epoch,
    processes,
    missing: processes.filter(({ acknowledged }) => (acknowledged[migration] ?? -1) < epoch),
    longestLeaseMs: Math.max(DEFAULT_LEASE_MS, ...processes.map(({ leaseMs }) => leaseMs)),
  }
}

export interface WaitForFleet {
  readonly migration: Migration
  /** How long to wait for processes, in milliseconds. @defaultValue 900_000 */
  readonly waitMs?: number
  readonly signal?: AbortSignal
  /** Called each time it has looked who is missing. @defaultValue nothing */
  readonly onWait?: (acknowledgement: Acknowledgement) => void
}

const LOOK_MS = 500

const WAITS: Readonly<Record<WaitAction['until'], (control: Control, options: WaitForFleet) => Promise<void>>> = {
  acknowledged: waitUntilAcknowledged,
  async 'leases-ended'(control, { migration, signal }) {
    const { longestLeaseMs } = await readAcknowledgement(control, migration.id)
    await delay(longestLeaseMs, undefined, { signal })
  },
  async replayed() {},
}

/** Executes the waits of a plan by the control schema. */
export const fleetWaits =
  (control: Control, options: WaitForFleet) =>
  ({ until }: WaitAction): Promise<void> =>
    WAITS[until](control, options)

/**
 * Resolves when every live process that declares the migration follows the epoch that is recorded.
 * @throws EC_NOT_ACKNOWLEDGED when the time is up, with those who are missing
 */
async function waitUntilAcknowledged(control: Control, options: WaitForFleet): Promise<void> {
  const { migration, waitMs = 900_000, signal, onWait } = options
  const end = performance.now() + waitMs
  for (;;) {
    const seen = await readAcknowledgement(control, migration.id)
    if (seen.missing.length === 0) return
    onWait?.(seen)
    if (performance.now() >= end)
      throw runnerError('EC_NOT_ACKNOWLEDGED', {
        message: `${seen.missing.length} of ${seen.processes.length} processes do not follow epoch ${seen.epoch} of ${migration.id} yet: ${seen.missing.map(({ id }) => id).join(', ')}.`,
        hint: 'Restart them or scale them away, or wait longer; what was done so far stays, and the same command goes on.',
        migration: migration.id,
      })
    await delay(LOOK_MS, undefined, { signal })
  }
}
