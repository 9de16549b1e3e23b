import type { WaitAction } from '../action.ts'

/**
 * Who names columns that go would fail: so every process with a heartbeat has to follow the phase that is recorded, then the replicas, which
 * processes read the phase from as well, and then the longest lease ends, for those without heartbeats.
 */
export function fence(migration: string, columns: string): readonly WaitAction[] {
  const common = {
    kind: 'wait',
    migration,
    lock: 'none',
    tables: [],
    transaction: undefined,
    estimate: { kind: 'open' },
  } as const
  return [
    { ...common, until: 'acknowledged', why: `Every process with a heartbeat has left ${columns} alone.` },
    {
      ...common,
      until: 'replayed',
      why: `Whoever reads from a replica hears of the phase there, and not at once with ${columns} being gone.`,
    },
    { ...common, until: 'leases-ended', why: 'One without heartbeats has, when its lease has ended.' },
  ]
}
