import type { FlagSource, Runtime, StatementEvent } from '@expand-contract/core'
import type { LifeModel, ModelTable, Row } from '../life-model.ts'

/** What a process of an application does with its tables, in the idiom of what it is written with. */
export interface LifeApplication {
  /** undefined: it knows of no migration. */
  readonly runtime: Runtime | undefined
  insert(table: ModelTable, rows: readonly Row[]): Promise<unknown>
  /** Rows that were changed. */
  set(table: ModelTable, nr: number, patch: Row): Promise<number>
  /** Rows with these values, by `nr`. */
  where(table: ModelTable, values: Row): Promise<readonly Row[]>
  /** All rows, by `nr`. */
  list(table: ModelTable): Promise<readonly Row[]>
  remove(table: ModelTable, nr: number): Promise<number>
  sql(text: string): Promise<readonly Row[]>
  close(): Promise<void>
}

export interface OpenApplication {
  readonly url: string
  readonly model: LifeModel
  /** What it is told of its migrations; undefined: it knows of none, as the one on the twin. */
  readonly migrating: { readonly flags: FlagSource; readonly onStatement: (event: StatementEvent) => void } | undefined
}

export interface ApplicationKind {
  readonly name: string
  open(options: OpenApplication): Promise<LifeApplication>
}
