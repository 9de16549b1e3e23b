import type { Migration } from '@expand-contract/core'
import type { Action } from './action.ts'
import type { MigrationFacts } from './facts.ts'

/** An operation decides from facts alone what is to be done; nothing happens until its actions are executed. */
export interface Operation<Options> {
  readonly name: string
  /** @throws where it refuses, by a code of RUNNER_ERRORS */
  plan(migration: Migration, facts: MigrationFacts, options: Options): readonly Action[]
}
