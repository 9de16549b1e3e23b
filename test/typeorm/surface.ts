import { beforeAll, describe, expect, it } from 'vitest'
import { newestMajor, postgresMajors } from '../support/postgres.ts'
import { finalRows } from './final-rows.ts'
import { runSteps, type StepsRun } from './run-steps.ts'
import type { AppSide } from './shop/fields.ts'
import { type Circumstances, describeCircumstances, openSubject, openTwin } from './shop-database.ts'
import { ALL_STEPS, STEPS_OF_OTHER_VERSIONS } from './steps/all-steps.ts'
import { everyTypeormSituation, skipFor } from './typeorm-version.ts'

interface Situation extends Omit<Circumstances, 'app'> {
  /** The others are run on the newest PostgreSQL and TypeORM alone: what is sent in them depends on no version. */
  readonly onEveryVersion?: true
}

const SITUATIONS: readonly Situation[] = [
  { columns: 'old', flag: true },
  { columns: 'both', phase: 'off', flag: true },
  { columns: 'both', flag: true },
  { columns: 'both', phase: 'switch', flag: false, onEveryVersion: true },
  { columns: 'both', phase: 'switch', flag: true, onEveryVersion: true },
  { columns: 'both', phase: 'contract', flag: false },
  { columns: 'new', flag: false, onEveryVersion: true },
]

/** The side that holds everything that was written, where that is not both. */
const WRITTEN: Readonly<Record<string, AppSide>> = { off: 'old', contract: 'new', old: 'old', new: 'new' }

/** Runs all steps in every situation, and compares with the twin, whose entities declare nothing. */
export function surfaceSuite(app: AppSide): void {
  describe.each(postgresMajors())('PostgreSQL %i', (major) => {
    let twin: StepsRun & { readonly rows: unknown }

    beforeAll(async () => {
      const shop = await openTwin(major, app)
      twin = { ...(await runSteps(shop, ALL_STEPS, false)), rows: await finalRows(shop, true) }
      await shop.close()
    })

    it.each(ALL_STEPS)('$name does what it says in the twin', ({ name, fails }) => {
      const failed = Object.hasOwn(Object(twin.observed[name]?.result), '<error>')
      expect(failed, JSON.stringify(twin.observed[name]?.result)).toBe(fails)
      expect(twin.observed[name]?.sent).not.toEqual([])
    })

    it.for(STEPS_OF_OTHER_VERSIONS.map((step) => [step.name, step] as const))('%s', ([, { since, until }], context) =>
      skipFor(since === undefined ? `TypeORM ${until} has it no more` : `it needs TypeORM ${since}`, context),
    )

    const isRun = major === newestMajor() && everyTypeormSituation
    const situations = SITUATIONS.filter(({ onEveryVersion }) => onEveryVersion || isRun)
    describe.each(situations.map((situation) => [describeCircumstances({ app, ...situation }), situation] as const))(
      '%s',
      (_, situation) => {
        const written = WRITTEN[situation.phase ?? situation.columns]
        let seen: StepsRun & { readonly rows: unknown }

        beforeAll(async () => {
          const shop = await openSubject(major, { app, ...situation })
          try {
            const steps = await runSteps(shop, ALL_STEPS, written === undefined)
            seen = { ...steps, rows: await finalRows(shop, written === undefined || written === app) }
          } finally {
            await shop.close()
          }
        })

        it.each(ALL_STEPS.map(({ name }) => name))('%s', (name) => {
          expect(seen.observed[name]).toEqual(twin.observed[name])
        })

        it('keeps both columns in step', () => {
          expect(seen.outOfStep).toEqual([])
        })

        it('leaves the same rows', () => {
          expect(seen.rows).toEqual(twin.rows)
        })
      },
    )
  })
}
