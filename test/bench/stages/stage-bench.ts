import type { PostgresServer } from '../../support/postgres-server.ts'
import { benchBackfill } from './backfill-bench.ts'
import { benchBackup } from './backup-bench.ts'
import { benchFleet } from './fleet-bench.ts'
import { benchLastStages } from './last-stages-bench.ts'
import type { StageFigure } from './measure.ts'
import { createStageDatabase, type StageDatabase } from './stage-database.ts'
import { benchTrigger } from './trigger-bench.ts'
import { benchVerify } from './verify-bench.ts'
import { benchWorkload } from './workload-bench.ts'

export interface StageSizes {
  readonly rows: number
  /** Of a table as large as those that the stages are for: a gigabyte. */
  readonly largeRows: number
  readonly rounds: number
  /** Of what takes less than a second. */
  readonly shortRounds: number
  /** How long the workload is watched before the backfill begins, in milliseconds. */
  readonly idleMs: number
}

export const SIZES: Readonly<Record<'whole' | 'quick', StageSizes>> = {
  whole: { rows: 400_000, largeRows: 7_000_000, rounds: 8, shortRounds: 40, idleMs: 5_000 },
  quick: { rows: 40_000, largeRows: 400_000, rounds: 2, shortRounds: 4, idleMs: 1_000 },
}

export interface StageResult {
  readonly group: string
  readonly figures: readonly StageFigure[]
}

const GROUPS: Readonly<
  Record<string, (database: StageDatabase, sizes: StageSizes) => Promise<readonly StageFigure[]>>
> = {
  'stages: backfill': (database, { rounds }) => benchBackfill(database, rounds),
  'stages: the application beside a backfill': (database, { rounds, idleMs }) =>
    benchWorkload(database, rounds, idleMs),
  'stages: verify': benchVerify,
  'stages: the sync trigger, in step': (database, { shortRounds }) => benchTrigger(database, shortRounds),
  'stages: backup and restore': (database, { rounds }) => benchBackup(database, rounds),
  'stages: contract, hold and drop under load': (database, { rounds }) => benchLastStages(database, rounds),
  'stages: counting for the fleet': (_, { shortRounds }) => benchFleet(shortRounds),
}

export const stageGroups = (only: string | undefined): readonly string[] =>
  Object.keys(GROUPS).filter((name) => only === undefined || name.includes(only))

/** Whole operations on a table of their own, each on a fresh copy, in turns. */
export async function benchStages(
  server: PostgresServer,
  groups: readonly string[],
  sizes: StageSizes,
): Promise<readonly StageResult[]> {
  if (groups.length === 0) return []
  await using database = await createStageDatabase(server, sizes.rows)
  const results: StageResult[] = []
  for (const group of groups) {
    const figures = (await GROUPS[group]?.(database, sizes)) ?? []
    results.push({ group, figures })
  }
  return results
}
