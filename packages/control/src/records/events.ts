import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import type { Operator } from './operator.ts'
import { rowsWithDates } from './row-dates.ts'

export interface NewEvent extends Operator {
  /** @defaultValue none: it concerns all of them */
  readonly migration?: string | undefined
  /** What happened, in one word: `backfill-started`. */
  readonly kind: string
  /** Counts and durations; never a value of a row. @defaultValue none */
  readonly figures?: Readonly<Record<string, unknown>> | undefined
}

/** One row of the timeline. */
export interface EventRecord {
  readonly id: number
  readonly at: Date
  readonly migration: string | undefined
  readonly kind: string
  readonly who: string
  readonly role: string
  readonly host: string | undefined
  readonly version: string | undefined
  readonly figures: Readonly<Record<string, unknown>>
}

export interface EventFilter {
  readonly migration?: string | undefined
  readonly kind?: string | undefined
  readonly since?: Date | undefined
  /** The newest ones. @defaultValue 100 */
  readonly limit?: number | undefined
}

const EVENT_ROW = `json_build_object('id', e.id, 'at', e.at, 'migration', e.migration, 'kind', e.kind, 'who', e.who,
  'role', e.role, 'host', e.host, 'version', e.version, 'figures', e.figures)`

const APPEND = `WITH e AS (
  INSERT INTO :schema.events (migration, kind, who, host, version, figures)
  SELECT i.migration, i.kind, i.who, i.host, i.version, coalesce(i.figures, '{}')
  FROM jsonb_to_record($1::text::jsonb) AS i(migration text, kind text, who text, host text, version text, figures jsonb)
  RETURNING *)
SELECT json_agg(${EVENT_ROW})::text AS found FROM e`

const READ = `SELECT json_agg(${EVENT_ROW} ORDER BY e.id)::text AS found FROM (
  SELECT e.* FROM :schema.events e,
    jsonb_to_record($1::text::jsonb) AS i(migration text, kind text, since timestamptz, "limit" bigint)
  WHERE (i.migration IS NULL OR e.migration = i.migration) AND (i.kind IS NULL OR e.kind = i.kind)
    AND (i.since IS NULL OR e.at >= i.since)
  ORDER BY e.id DESC LIMIT ($1::text::jsonb ->> 'limit')::bigint) e`

/** Adds to the timeline, by the clock of the server. */
export async function appendEvent(control: Control, event: NewEvent): Promise<EventRecord> {
  const [appended] = rowsWithDates<EventRecord>(await ask<readonly object[] | null>(control, APPEND, event))
  if (appended === undefined) throw new RangeError('INSERT returned no row')
  return appended
}

/** The timeline, the oldest first. */
export async function readEvents(control: Control, filter: EventFilter = {}): Promise<readonly EventRecord[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, READ, { limit: 100, ...filter }))
}
