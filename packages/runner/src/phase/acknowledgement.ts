import { setTimeout as delay } from 'node:timers/promises'
import { type Control, type InstanceRecord, readFleet, readMigration } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { WaitAction } from '../action.ts'
import { runnerError } from '../runner-error.ts'
import { waitUntilReplayed } from './replayed.ts'
import type { Replication } from './replication.ts'

/** Who has heard of the phase that is recorded. */
export interface Acknowledgement {
  /** The epoch that counts. */
  readonly epoch: number
  /** Live processes that declare the migration. */
  readonly processes: readonly InstanceRecord[]
  /** Those of them that follow an earlier epoch, or take their phases from elsewhere. */
  readonly missing: readonly InstanceRecord[]
  /**
   * Behind the last one, what no heartbeat tells of is covered by the longest lease, in milliseconds: also of processes that are gone, since
   * one that is stopped goes on with what it has planned.
   */
  readonly longestLeaseMs: number
}

/** The lease of a process that has joined no fleet, unless it was given another. */
const DEFAULT_LEASE_MS = 1_000

export async function readAcknowledgement(control: Control, migration: string): Promise<Acknowledgement> {
  const epoch = (await readMigration(control, migration))?.epoch ?? 0
  const all = (await readFleet(control, { gone: true })).filter(
    ({ declarations }) => declarations[migration] !== undefined,
  )
  const processes = all.filter(({ live }) => live)
  return {
    epoch,
    processes,
    missing: processes.filter(({ acknowledged }) => (acknowledged[migration] ?? -1) < epoch),
    longestLeaseMs: Math.max(DEFAULT_LEASE_MS, ...all.map(({ leaseMs }) => leaseMs)),
  }
}

export interface WaitForFleet {
  readonly migration: Migration
  /** How long to wait for processes, and again for replicas, in milliseconds. @defaultValue 900_000 */
  readonly waitMs?: number
  readonly signal?: AbortSignal
  /** Called each time it has looked who is missing. @defaultValue nothing */
  readonly onWait?: (acknowledgement: Acknowledgement) => void
  /** Called each time it has looked which replica is behind. @defaultValue nothing */
  readonly onReplicas?: (replication: Replication) => void
}

const DEFAULT_WAIT_MS = 900_000

const LOOK_MS = 500

const WAITS: Readonly<Record<WaitAction['until'], (control: Control, options: WaitForFleet) => Promise<void>>> = {
  acknowledged: waitUntilAcknowledged,
  async 'leases-ended'(control, { migration, signal }) {
    const { longestLeaseMs } = await readAcknowledgement(control, migration.id)
    await delay(longestLeaseMs, undefined, { signal })
  },
  replayed: (control, { migration, waitMs = DEFAULT_WAIT_MS, signal, onReplicas }) =>
    waitUntilReplayed(control, { migration: migration.id, waitMs, signal, onReplicas }),
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
  const { migration, waitMs = DEFAULT_WAIT_MS, signal, onWait } = options
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
