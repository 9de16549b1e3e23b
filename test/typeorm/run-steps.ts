import { type Migration, quoteIdentifier, quoteTable } from '@expand-contract/core'
import { comparable } from './comparable.ts'
import type { ShopDatabase } from './shop-database.ts'
import type { Step } from './steps/step.ts'

export interface StepResult {
  readonly result: unknown
  /** What TypeORM sent: an UPDATE for nothing would show here. */
  readonly sent: unknown
}

export type Observed = Readonly<Record<string, StepResult>>

export interface StepsRun {
  readonly observed: Observed
  /** After which steps the two columns of a row differed, and of which migration. */
  readonly outOfStep: readonly string[]
}

/** Runs the steps one after the other. Where both columns are written, they are compared after each of them. */
export async function runSteps(shop: ShopDatabase, steps: readonly Step[], bothAreWritten: boolean): Promise<StepsRun> {
  const observed: Record<string, StepResult> = {}
  const outOfStep: string[] = []
  for (const { name, run, sentInAnyOrder } of steps) {
    shop.sent.take()
    const result = await run(shop).catch((error: unknown) => error)
    const sent = shop.sent.take()
    const inOrder = sentInAnyOrder ? sent.map((each) => JSON.stringify(each)).sort() : sent
    observed[name] = { result: comparable(result), sent: comparable(inOrder) }
    if (bothAreWritten) outOfStep.push(...(await differing(shop)).map((migration) => `${migration} after: ${name}`))
  }
  return { observed, outOfStep }
}

async function differing({ bare, migrations }: ShopDatabase): Promise<readonly string[]> {
  const counts = migrations.map(
    ({ id, table, ...migration }) =>
      `select '${id}' as id from ${quoteTable(table)} where ${migration.new.map(({ name }) => `${quoteIdentifier(name)} is distinct from ${mapped(migration, 'forward', name)}`).join(' or ')} having count(*) > 0`,
  )
  const { rows } = await bare.query<{ id: string }>(counts.join(' union all '))
  return rows.map((row) => row.id)
}

/** A column of one side, computed from the other. */
export function mapped(
  migration: Pick<Migration, 'old' | 'new' | 'forward' | 'backward'>,
  direction: 'forward' | 'backward',
  column: string,
): string {
  const mapping = migration[direction][column]
  const type = migration[direction === 'forward' ? 'new' : 'old'].find(({ name }) => name === column)?.type
  const sql = mapping?.kind === 'column' ? quoteIdentifier(mapping.column) : mapping?.sql
  return `(${sql})::${type}`
}
