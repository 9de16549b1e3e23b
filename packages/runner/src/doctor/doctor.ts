import type { Migration } from '@expand-contract/core'
import type { ControlPlace } from '../control-schema.ts'
import type { Confirmation } from '../operations/refuse-expand.ts'
import type { RunnerClient } from '../runner-client.ts'
import type { DoctorFinding, Hazard } from './hazard.ts'
import { SERVER_HAZARDS } from './hazards/server-hazards.ts'
import { MIGRATION_HAZARDS } from './hazards.ts'
import { type ReadServer, readServer } from './read/read-server.ts'
import { readTable } from './read/read-table.ts'
import type { DoctorLimits } from './server-facts.ts'
import type { ProjectFacts, TableDoctorFacts } from './table-facts.ts'

export interface DoctorOptions extends ControlPlace, Pick<ReadServer, 'backendPid' | 'connect' | 'freeBytes'> {
  /** Rows of each table that are looked at; Infinity for all of them, which takes scans of it. @defaultValue 1000 */
  readonly rows?: number
  readonly limits?: Partial<DoctorLimits>
  /** What `expand` is told that it is known and meant. @defaultValue nothing */
  readonly confirmed?: readonly Confirmation[]
  /** @defaultValue nothing is known of the project */
  readonly project?: ProjectFacts
}

/** What was found in one place, and how many hazards were looked for. */
export interface DoctorGroup {
  /** The id of the migration; undefined: the server. */
  readonly migration: string | undefined
  /** Errors first. */
  readonly findings: readonly DoctorFinding[]
  /** Hazards that are not there. */
  readonly passed: readonly { readonly code: string; readonly title: string }[]
}

export interface DoctorReport {
  readonly groups: readonly DoctorGroup[]
  readonly errors: number
  readonly warnings: number
  /** Checks that found nothing. */
  readonly passed: number
  /** Bytes that filling the new columns takes at most, WAL included, and that are free; undefined where the disk is another machine's. */
  readonly disk: { readonly neededBytes: number; readonly freeBytes: number | undefined }
  /** Extensions of the database that the commands make use of: `pg_stat_statements`. */
  readonly extensions: readonly string[]
  readonly ms: number
}

/**
 * Looks for what would make a migration fail, or statements of the application, before anything is changed. It changes nothing: all is read in
 * short read-only transactions, of the catalog and of some rows of each table, and no value is part of a finding.
 *
 * ```ts
 * const { errors, groups } = await doctor(client, [fullName])
 * for (const { findings } of groups) for (const { code, what, remedy } of findings) console.log(code, what, remedy)
 * ```
 *
 * Takes some 100 ms for each migration. `client` is a client of pg outside of a transaction.
 */
export async function doctor(
  client: RunnerClient,
  migrations: readonly Migration[],
  options: DoctorOptions = {},
): Promise<DoctorReport> {
  const began = performance.now()
  const { rows = 1_000, limits, confirmed = [], project = {}, controlSchema } = options
  const tables: TableDoctorFacts[] = []
  for (const migration of migrations)
    tables.push(
      await readTable(client, migration, {
        ...{ rows, confirmed, project },
        ...(controlSchema !== undefined && { controlSchema }),
      }),
    )
  const server = await readServer(client, {
    ...options,
    limits: { transactionSeconds: 300, lagSeconds: 5, ...limits },
    neededBytes: Math.max(0, ...tables.map(neededBytes)),
  })
  const groups = [
    judge(undefined, SERVER_HAZARDS, server),
    ...tables.map((facts) => judge(facts.migration.id, MIGRATION_HAZARDS, facts)),
  ]
  const all = groups.flatMap(({ findings }) => findings)
  const errors = all.filter(({ level }) => level === 'error').length
  return {
    ...{ groups, errors, warnings: all.length - errors },
    passed: groups.reduce((sum, group) => sum + group.passed.length, 0),
    disk: { neededBytes: server.neededBytes, freeBytes: server.freeBytes },
    extensions: server.extensions,
    ms: performance.now() - began,
  }
}

/** Each row is written once more, with VACUUM at each tenth, and its WAL beside it (RUNNER: 51 MB of table, 279 MB of WAL with indexes, at most). */
const neededBytes = ({ table, expanded }: TableDoctorFacts): number =>
  table === undefined || expanded ? 0 : 2 * table.bytes

/** Facts in, findings out. */
function judge<Facts>(migration: string | undefined, hazards: readonly Hazard<Facts>[], facts: Facts): DoctorGroup {
  const findings: DoctorFinding[] = []
  const passed: DoctorGroup['passed'][number][] = []
  for (const { find, refusal: _, ...hazard } of hazards) {
    const found = find(facts)
    if (found.length === 0) passed.push({ code: hazard.code, title: hazard.title })
    findings.push(...found.map((finding) => ({ ...hazard, ...finding })))
  }
  return { migration, findings: findings.toSorted((one, other) => RANK[one.level] - RANK[other.level]), passed }
}

const RANK: Readonly<Record<DoctorFinding['level'], number>> = { error: 0, warning: 1 }
