import { createRequire } from 'node:module'
import { arch, cpus, loadavg, platform } from 'node:os'
import type { PostgresServer } from '../support/postgres-server.ts'

/** What figures mean nothing without. */
export interface Circumstances {
  readonly node: string
  readonly postgres: string
  readonly pg: string
  readonly platform: string
  readonly cores: number
  /** Where client and server run: on one of the cores, in turns, or where the system puts them. */
  readonly on: 'one core' | 'any core'
  readonly cpu: string
  readonly connection: string
  readonly durability: string
  /** Processes that wanted to run, on average, in the minute before. Figures from a busy machine are worth little. */
  readonly loadBefore: number
}

export function circumstances(server: PostgresServer, on: Circumstances['on']): Circumstances {
  const { version } = createRequire(import.meta.url)('pg/package.json') as { version: string }
  return {
    node: process.version,
    postgres: `${server.version} (${server.rung})`,
    pg: version,
    platform: `${platform()}-${arch()}`,
    cores: cpus().length,
    on,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    connection: 'TCP, 127.0.0.1',
    durability: 'fsync, synchronous_commit and full_page_writes on',
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
  }
}
