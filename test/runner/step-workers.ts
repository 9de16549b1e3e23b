import type { Migration } from '@expand-contract/core'
import { STEPS, type StepDatabase, type StepName, type StepResult } from '@expand-contract/runner'
import type { BackfillDatabase } from './backfill-database.ts'

/** What a step is told; all of it could have been in a queue. */
export interface Delivery {
  readonly name: StepName
  readonly leaseToken: string
  readonly budgetMs: number
  readonly cursor?: unknown
  readonly options?: object
}

export type AnyResult = StepResult<Readonly<Record<string, unknown>>>

/** Runs a step as an engine does that knows its name alone, with what JSON leaves of the cursor. */
export async function deliver(migration: Migration, database: StepDatabase, delivery: Delivery): Promise<AnyResult> {
  const { name, leaseToken, budgetMs, cursor, options } = delivery
  const step = STEPS[name] as unknown as (request: object) => Promise<AnyResult>
  const result = await step({ migration, database, leaseToken, budgetMs, cursor, options })
  return JSON.parse(JSON.stringify(result)) as AnyResult
}

/** One process, with a connection of its own. */
export async function openWorker(database: BackfillDatabase, who: string): Promise<StepDatabase> {
  return { client: await database.connect(), operator: { who } }
}

/** A connection beside which something is done ahead of each statement that has a text in it. */
export const meddledWith = (
  { client }: StepDatabase,
  has: string,
  meddle: () => Promise<unknown>,
): StepDatabase['client'] => ({
  async query(text, values) {
    if (text.includes(has)) await meddle()
    return client.query(text, values)
  },
})
