import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createDatabase, newestMajor, postgresMajors } from '../support/postgres.ts'
import { arbitraryModel } from './generator/arbitrary-model.ts'
import { arbitraryStatement } from './generator/arbitrary-statement.ts'
import { describeModel } from './generator/describe-model.ts'
import { runModel } from './generator/run-model.ts'
import type { Outcome } from './trial.ts'

/** 20,000 statements make the long run. */
const RUNS = Number(process.env.EC_RUNS ?? 3_000)
const STATEMENTS_PER_MODEL = 40
/** Everybody's run tries the same statements, so that what fails is the change. `EC_SEED=random` looks for new ones; the seed is printed. */
const SEED = process.env.EC_SEED === 'random' ? Date.now() % 2 ** 31 : Number(process.env.EC_SEED ?? 20_261_122)

/** Shrinking ends with it, too: a case that is not the smallest is better than none. */
const TIME_LIMIT = 120_000 + RUNS * 100

const counts: Record<Outcome | 'invalid', number> = { unchanged: 0, rewritten: 0, kept: 0, refused: 0, invalid: 0 }
const reasons = new Map<string, number>()

describe.each(postgresMajors())('generated statements on PostgreSQL %i', (major) => {
  test('change nothing that an application can see', { timeout: TIME_LIMIT + 30_000 }, async () => {
    const [twin, database] = await Promise.all([createDatabase(major), createDatabase(major)])
    const databases = { twinUrl: twin.url, url: database.url, major }
    // The oldest server gets a third: the grammar differs little.
    const models = Math.ceil(RUNS / (major === newestMajor() ? 1 : 3) / STATEMENTS_PER_MODEL)
    const statements = fc.array(arbitraryStatement, { minLength: 1, maxLength: STATEMENTS_PER_MODEL, size: 'max' })
    const property = fc.asyncProperty(arbitraryModel, statements, async (model, list) => {
      for await (const verdict of runModel(databases, model, list)) {
        counts[verdict.invalid === undefined ? verdict.outcome : 'invalid']++
        for (const reason of verdict.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
        if (verdict.problem !== undefined) throw new Error(`${verdict.problem}\n${describeModel(model, verdict)}`)
      }
    })
    console.log(`generated statements on PostgreSQL ${major}: EC_SEED=${SEED}, ${models} schemas`)
    // The smallest case is told, not the data that it was made of.
    const run = await fc.check(property, {
      ...{ seed: SEED, numRuns: models * 2 },
      ...{ interruptAfterTimeLimit: TIME_LIMIT, markInterruptAsFailure: true },
    })
    await Promise.all([twin.drop(), database.drop()])
    const { errorInstance: error, numShrinks, interrupted } = run
    if (run.failed)
      throw error instanceof Error
        ? new Error(`EC_SEED=${SEED}, shrunk ${numShrinks} times: ${error.message}`)
        : new Error(`EC_SEED=${SEED}: ${interrupted ? `not done within ${TIME_LIMIT} ms` : String(error)}`)
  })
})

afterAll(() => {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  console.log(`${total} generated statements:`, counts, Object.fromEntries(reasons))
  // A rewriter that refused everything would make no mistake.
  expect(counts.refused + counts.kept).toBeLessThan(total / 50 + 10)
  expect(counts.invalid).toBeLessThan(total / 4 + 10)
})
