import type { ThrottleReason } from '@expand-contract/runner'
import { bytesText, durationText } from '../output/duration.ts'

export type Throttled = ThrottleReason

/** `31 MB/s of 50 MB/s` */
export const limitText = (value: string, limit: number | undefined, shown: (limit: number) => string): string =>
  limit === undefined ? value : `${value} of ${shown(limit)}`

/** `replica db-2 lags 6.2 s, limit 5 s` */
export function reasonText({ code, value = 0, limit = 0, detail }: Throttled): string {
  const said = detail === undefined ? '' : `: ${detail}`
  const texts: Readonly<Record<Throttled['code'], string>> = {
    paused: `paused by an operator${said}`,
    replica_lag: `replica ${detail ?? ''} lags ${value.toFixed(1)} s, limit ${limit} s`,
    wal_rate: `WAL ${bytesText(value)}/s, limit ${bytesText(limit)}/s`,
    lock_waits: `${value} sessions wait for a lock on the table, limit ${limit}`,
    oldest_transaction: `oldest transaction ${durationText(value * 1_000)}, limit ${durationText(limit * 1_000)}`,
    active_sessions: `${value} sessions are active, limit ${limit}`,
    query: `your query says so${said}`,
  }
  return texts[code]
}
