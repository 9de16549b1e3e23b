import {
  type Control,
  type EventRecord,
  type Operator,
  readEvents,
  readFleet,
  readInventory,
  readMigration,
  readSoak,
  readVerifications,
  recordSoak,
} from '@expand-contract/control'
import type { GateFacts } from '../gates/gate.ts'
import { readBypassSamples } from '../read-bypass-samples.ts'
import { readSyncTrigger } from '../read-sync-trigger.ts'
import { type Soak, type SoakEvidence, soakOf } from './soak.ts'

export interface LookAtSoak {
  /** How long it must last, in milliseconds. @defaultValue 7 days */
  readonly wantedMs?: number | undefined
  /** Writes down what was found, in this name: restarts go into the timeline. @defaultValue nothing is written */
  readonly operator?: Operator | undefined
  /** @defaultValue the clock of the server */
  readonly now?: Date | undefined
}

export const SOAK_MS = 7 * 86_400_000

/** A soak with all that is known of it. */
export interface SoakReport extends Soak {
  readonly wantedMs: number
  /** Why it began again, from the timeline and this look, the oldest first; the last ones. */
  readonly history: readonly { readonly at: Date; readonly reason: string; readonly detail: string }[]
}

const MOST_TOLD = 20

/** Reads the evidence, and how long the soak has lasted by it. */
export async function lookAtSoak(
  { control, client, migration }: GateFacts,
  { wantedMs = SOAK_MS, operator, now }: LookAtSoak = {},
): Promise<SoakReport> {
  const { id } = migration
  const record = await readMigration(control, id)
  const previous = await readSoak(control, id)
  const trigger = await readSyncTrigger(client, migration, { controlSchema: control.schema })
  const [sample] = await readBypassSamples(client, migration, { controlSchema: control.schema, limit: 1 })
  const at = now ?? (await serverClock(control))
  const evidence: SoakEvidence = {
    ...{ now: at, begun: record?.changedAt ?? at, bypassed: Number(trigger?.bypassed ?? 0) },
    processes: await processesOf(control, id),
    mismatches: await mismatchesOf(control, id, record?.epoch ?? 0),
    lastBypass:
      sample === undefined
        ? undefined
        : { at: sample.lastSeen, who: `${sample.application || 'a session'} as ${sample.sessionUser}` },
  }
  const soak = soakOf(previous, evidence, wantedMs)
  const before = await readEvents(control, { migration: id, kind: 'soak-restarted', limit: MOST_TOLD })
  if (operator !== undefined)
    await recordSoak(control, {
      ...{
        ...operator,
        migration: id,
        since: soak.since,
        lookedAt: at,
        bypassed: evidence.bypassed,
        silent: soak.silent,
      },
      restarts: soak.restarts,
    })
  return { ...soak, wantedMs, history: [...before.map(restartOf), ...soak.restarts].slice(-MOST_TOLD) }
}

async function serverClock({ client }: Control): Promise<Date> {
  const { rows } = await client.query('SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000)::text AS now')
  return new Date(Number(Object(rows[0]).now))
}

const restartOf = ({ at, figures }: EventRecord): SoakReport['history'][number] => ({
  at: typeof figures.at === 'string' ? new Date(figures.at) : at,
  reason: String(figures.reason),
  detail: String(figures.detail),
})

async function processesOf(control: Control, migration: string): Promise<SoakEvidence['processes']> {
  const fleet = await readFleet(control, { gone: true })
  const kept = (await readInventory(control, { migration, blocking: true })).filter(({ side }) => side === 'old')
  return fleet
    .filter(({ declarations }) => declarations[migration] !== undefined)
    .map(({ id, startedAt, heartbeatAt, everyMs, leftAt, reads }) => {
      const own = reads[migration]
      const lastOldAt = own?.lastOldAt === undefined ? undefined : new Date(own.lastOldAt)
      const statement = kept.find(
        ({ lastInstance, lastSeen }) => lastInstance === id && lastOldAt !== undefined && lastSeen >= lastOldAt,
      )
      return {
        ...{ id, startedAt, heartbeatAt, leftAt, lastOldAt, newReads: own?.new ?? 0 },
        ttlMs: Math.max(15_000, everyMs * 3),
        keeps: statement && (statement.text ?? statement.kind).replaceAll(/\s+/gu, ' ').slice(0, 80),
      }
    })
}

async function mismatchesOf(control: Control, migration: string, epoch: number): Promise<SoakEvidence['mismatches']> {
  const passes = await readVerifications(control, { migration, limit: MOST_TOLD })
  return passes
    .filter((pass) => pass.epoch === epoch && !pass.clean)
    .flatMap(({ endedAt, counts, rows }) => {
      const { way_back: lossy = 0, ...others } = counts
      const differing = Object.values(others).reduce((sum, each) => sum + each, 0)
      if (differing > 0) return [{ at: endedAt, detail: `${differing} of ${rows} rows differed` }]
      return lossy > 0 ? [] : [{ at: endedAt, detail: 'the sync trigger was not on while rows were compared' }]
    })
}
