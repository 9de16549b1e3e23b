import { setTimeout as delay } from 'node:timers/promises'
import type { Control } from '@expand-contract/control'
import { runnerError } from '../runner-error.ts'
import { type Replica, type Replication, readReplication } from './replication.ts'

export interface WaitForReplicas {
  readonly migration: string
  /** How long to wait, in milliseconds. */
  readonly waitMs: number
  readonly signal?: AbortSignal | undefined
  /** Called each time it has looked who is behind. @defaultValue nothing */
  readonly onReplicas?: ((replication: Replication) => void) | undefined
}

const LOOK_MS = 200

/** A receiver that has lost its connection comes back after wal_retrieve_retry_interval, 5 s; one that stays away was taken out. */
const GONE_LOOKS = 75

/**
 * Resolves when every standby that streams from this server has replayed all that is committed now. Columns and phases reach a replica in the
 * order of the WAL, so what it shows is always consistent; but one that replays a phase and the DDL behind it at once leaves those who read
 * there less than a lease. Replicas of replicas are not seen from here.
 * @throws EC_NOT_REPLAYED when the time is up, with those who are behind; EC_REPLICAS_HIDDEN
 */
export async function waitUntilReplayed(control: Control, options: WaitForReplicas): Promise<void> {
  const { migration, waitMs, signal, onReplicas } = options
  const end = performance.now() + waitMs
  /** How often one that was behind has not been seen since. */
  const gone = new Map<string, number>()
  let lsn: string | undefined
  for (;;) {
    const seen = await readReplication(control, lsn)
    lsn = seen.lsn
    if (seen.hidden > 0) throw hidden(migration, seen.hidden)
    const behind = seen.replicas.filter(({ replayed }) => !replayed)
    for (const { name, replayed } of seen.replicas) if (replayed) gone.delete(name)
    for (const { name } of behind) gone.set(name, 0)
    for (const [name, looks] of gone)
      if (!behind.some((each) => each.name === name)) {
        if (looks + 1 >= GONE_LOOKS) gone.delete(name)
        else gone.set(name, looks + 1)
      }
    if (gone.size === 0) return
    onReplicas?.(seen)
    if (performance.now() >= end) throw notReplayed(migration, behind, [...gone.keys()])
    await delay(LOOK_MS, undefined, { signal })
  }
}

const hidden = (migration: string, count: number) =>
  runnerError('EC_REPLICAS_HIDDEN', {
    message: `${count} ${count === 1 ? 'process streams' : 'processes stream'} from this server, and the role of this connection may not see what they have replayed, so ${migration} cannot wait for replicas.`,
    hint: 'Let a superuser run: GRANT pg_read_all_stats TO the role of this connection (pg_monitor has it). Then run the command again.',
    migration,
  })

function notReplayed(migration: string, behind: readonly Replica[], names: readonly string[]) {
  const known = new Map(behind.map((replica) => [replica.name, replica]))
  const said = names.map((name) => {
    const replica = known.get(name)
    if (replica === undefined) return `${name} (has lost its connection)`
    const { behindBytes, state } = replica
    return behindBytes === undefined ? `${name} (${state})` : `${name} (${state}, ${behindBytes} bytes behind)`
  })
  return runnerError('EC_NOT_REPLAYED', {
    message: `${names.length === 1 ? 'A replica has' : `${names.length} replicas have`} not replayed the phase of ${migration} yet: ${said.join(', ')}.`,
    hint: 'Is the replay paused (pg_wal_replay_resume()), or held up by a long query there? Wait longer, or take it out; what was done so far stays, and the same command goes on.',
    migration,
  })
}
