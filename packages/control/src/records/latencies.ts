import type { Phase, Side } from '@expand-contract/core'
import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { rowsWithDates } from './row-dates.ts'

/** How long statements took in one quarter of an hour, of all processes that have reported. */
export interface LatencyRecord {
  readonly migration: string
  /** That the statements were planned in. */
  readonly phase: Phase
  /** That they read. */
  readonly side: Side
  readonly kind: 'read' | 'write'
  /** When the quarter of an hour began. */
  readonly beganAt: Date
  /** The part of it in which processes have counted. */
  readonly firstAt: Date
  readonly lastAt: Date
  readonly count: number
  /** By bucket, as `latencyPercentile` takes them; without empty ones at the end. */
  readonly counts: readonly number[]
}

const READ = `SELECT json_agg(json_build_object('migration', l.migration, 'phase', l.phase, 'side', l.side, 'kind', l.kind,
  'beganAt', l.began_at, 'firstAt', l.first_at, 'lastAt', l.last_at, 'count', l.count, 'counts', l.counts)
  ORDER BY l.migration, l.began_at, l.phase, l.side, l.kind)::text AS found
FROM :schema.latencies l WHERE l.migration = $1::text::jsonb ->> 'migration'`

/** Latencies of a migration, the oldest first. They are merged by `mergedLatencies`, or in SQL by the aggregate `sum_counts`. */
export async function readLatencies(
  control: Control,
  filter: { readonly migration: string },
): Promise<readonly LatencyRecord[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, READ, filter))
}
