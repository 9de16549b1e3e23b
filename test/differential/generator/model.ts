import type { Migration, Side } from '@expand-contract/core'
import type { Situation } from '../situation.ts'

/** What an expression is of, so that generated statements are valid most of the time. */
export type Family = 'text' | 'number' | 'boolean' | 'date' | 'time' | 'timestamp'

export interface ModelColumn {
  readonly name: string
  readonly type: string
  readonly family: Family
  readonly notNull: boolean
  /** SQL of the default. */
  readonly default: string | undefined
  /** SQL literals that may be assigned. Empty: whatever expression is of the family. */
  readonly only: readonly string[]
}

/** A table as the application knows it. Every table has `id int primary key` first. */
export interface ModelTable {
  readonly name: string
  readonly columns: readonly ModelColumn[]
  /** SQL literals by row, the id first. */
  readonly rows: readonly (readonly string[])[]
}

/** A generated database: what the application knows, and how it came to be. */
export interface Model {
  readonly app: Side
  readonly situation: Situation
  readonly migration: Migration
  /** As the application's side has them; the first one migrates. */
  readonly tables: readonly ModelTable[]
  /** Scripts that make the twin and the migrated database. */
  readonly twinScript: string
  readonly stageScript: string
  /** Reads all tables, once per written side, and the rows that are out of step where both are. */
  readonly twinContents: string
  readonly contents: readonly string[]
  readonly outOfStep: string | undefined
}
