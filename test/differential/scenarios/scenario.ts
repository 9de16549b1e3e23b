import type { Migration, Side } from '@expand-contract/core'
import type { Example } from '../example.ts'
import type { Stage } from '../migration-kinds/stage-script.ts'

/** The flag of a scenario's first migration; each has one of its own. */
export const FLAG = 'scenario'

/** A schema of its own, for statements that the kinds have no tables for. */
export interface Scenario {
  readonly name: string
  readonly app: Side
  readonly migrations: readonly Migration[]
  /** The untouched schema, with its rows. */
  readonly twin: string
  /** The script that leads to each stage from the one before it; `old` makes the schema, without it the twin's. */
  readonly steps: Readonly<Partial<Record<Stage, string>>>
  /** Queries that read the tables as the application knows them: of the twin and of each side that was written. */
  readonly reading: Readonly<Record<'twin' | Side, readonly string[]>>
  /** Queries that must find no row while both sides are written. */
  readonly outOfStep: readonly string[]
  readonly examples: readonly Example[]
}

const ORDER = ['old', 'both', 'contract', 'new'] as const satisfies readonly Stage[]

export function scenarioScript({ twin, steps }: Scenario, stage: Stage): string {
  const scripts = ORDER.slice(0, ORDER.indexOf(stage) + 1).map((step) => steps[step] ?? (step === 'old' ? twin : ''))
  return scripts.filter((script) => script !== '').join(';\n')
}

/** A query for `run`, which reads texts in arrays. */
export const asReading = (queries: readonly string[]): string =>
  queries
    .map((query, index) => `select 'table ${index + 1}' as what, array[row::text] as values from (${query}) row`)
    .join(';\n')
