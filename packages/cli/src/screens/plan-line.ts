import type { PlanStep } from './plan-step.ts'

/** Figures of the table, as PostgreSQL's statistics have them. */
export interface PlannedTable {
  readonly name: string
  /** Below zero: it was never analyzed. */
  readonly rows: number
  readonly bytes: number
  /** A backup brings back the exact value of every row. @defaultValue true */
  readonly exact?: boolean
}

/** One line of the plan. */
export interface PlanLine extends PlanStep {
  readonly stage: string
  readonly lock: string
  readonly about: string
}
