import type { Control } from '../control.ts'
import { type FleetFilter, type InstanceRecord, readFleet } from './fleet.ts'

/** What a change that no process may be behind of waits for. */
export interface Fence {
  /** Live processes that do not follow the epoch yet, or do not say so. */
  readonly missing: readonly InstanceRecord[]
  readonly acknowledged: readonly InstanceRecord[]
  /**
   * How long to wait once none is missing: the longest lease of all processes that are listed, also of those that are gone, since one
   * that is stopped may go on.
   */
  readonly leaseMs: number
}

/** Which processes follow an epoch of a migration, by the clock of the server. */
export async function readFence(
  control: Control,
  { migration, epoch, ttlMs }: Pick<FleetFilter, 'ttlMs'> & { readonly migration: string; readonly epoch: number },
): Promise<Fence> {
  const all = await readFleet(control, { ttlMs, gone: true })
  const live = all.filter((instance) => instance.live)
  const follows = ({ acknowledged }: InstanceRecord): boolean => (acknowledged[migration] ?? 0) >= epoch
  return {
    missing: live.filter((instance) => !follows(instance)),
    acknowledged: live.filter(follows),
    leaseMs: Math.max(0, ...all.map(({ leaseMs }) => leaseMs)),
  }
}
