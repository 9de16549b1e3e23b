import { type BackfillRange, type Control, type EventRecord, readEvents } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { RunnerClient } from '@expand-contract/runner'

/** Of an index of the table that is being built; the role of the builder, or `pg_read_all_stats`, sees how far it is. */
const BUILDING = `SELECT pg_catalog.max(100.0 * (p.blocks_done + p.tuples_done) / nullif(p.blocks_total + p.tuples_total, 0))::pg_catalog.float8 AS percent
  FROM pg_catalog.pg_stat_progress_create_index p
  WHERE p.datname = pg_catalog.current_database() AND p.relid IN (
    SELECT coalesce(pg_catalog.to_regclass($1), 0) UNION ALL
    SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = pg_catalog.to_regclass($1))`

/** In percent; undefined where none is built, or nobody may know. */
export async function readIndexProgress(
  client: RunnerClient,
  { table }: Pick<Migration, 'table'>,
): Promise<number | undefined> {
  const quoted = [table.schema, table.name]
    .filter((part) => part !== undefined)
    .map((part) => `"${part.replaceAll('"', '""')}"`)
  try {
    const { rows } = await client.query(BUILDING, [quoted.join('.')])
    const percent = Number(rows[0]?.percent ?? Number.NaN)
    return Number.isNaN(percent) ? undefined : percent
  } catch {
    return undefined
  }
}

/** What a run that ended early, or was told to pause, leaves in the timeline. */
const BREAKS: ReadonlySet<string> = new Set(['backfill-stopped', 'backfill-budget', 'backfill-paused'])

/** Whether the ranges were worked at without a break, so that their times tell how fast they go. */
export async function wentOn(control: Control, id: string, ranges: readonly BackfillRange[]): Promise<boolean> {
  const [first] = ranges.toSorted((one, other) => one.startedAt.getTime() - other.startedAt.getTime())
  if (first === undefined) return false
  const events: readonly EventRecord[] = await readEvents(control, {
    migration: id,
    since: first.startedAt,
    limit: 100,
  })
  return events.every(({ kind }) => !BREAKS.has(kind))
}

const LEAST_MS = 10_000

/** What is left takes about so long as the same took so far; not before 1 % and 10 s, and behind a break it is not known. */
export function secondsLeft(ranges: readonly BackfillRange[], done: number, blocks: number): number | undefined {
  const began = Math.min(...ranges.map(({ startedAt }) => startedAt.getTime()))
  const ms = Math.max(...ranges.map(({ changedAt }) => changedAt.getTime())) - began
  if (blocks === 0 || done / blocks < 0.01 || ms < LEAST_MS) return undefined
  return (ms * (blocks - done)) / done / 1_000
}
