import { beforeAll, describe, expect, test } from 'vitest'
import type { ScriptDatabase } from '../../support/server-database.ts'
import type { SurfaceDriver } from './drivers/surface-driver.ts'
import { openSubject, openTwin } from './open-databases.ts'
import { SITUATIONS } from './situation.ts'
import { outcomeOf } from './step.ts'
import { combineSteps } from './steps/combine-steps.ts'
import { relationalSteps } from './steps/relational-steps.ts'
import { selectSteps } from './steps/select-steps.ts'
import { finalSteps, sessionSteps } from './steps/session-steps.ts'
import { specialSteps } from './steps/special-steps.ts'
import { deleteSteps, insertSteps, updateSteps } from './steps/write-steps.ts'

/** Run in this order; each step meets the rows that the ones before it have left. */
const STEPS = [
  ...selectSteps,
  ...relationalSteps,
  ...combineSteps,
  ...specialSteps,
  ...insertSteps,
  ...updateSteps,
  ...sessionSteps,
  ...deleteSteps,
  ...finalSteps,
]

/** All that Drizzle does, over a driver, compared with the same driver on the untouched schema. */
export function describeSurface<Database extends ScriptDatabase>(driver: SurfaceDriver<Database>): void {
  describe.each(driver.places())(`${driver.name} on $name`, (place) => {
    const expected = new Map<string, string>()

    beforeAll(async () => {
      await using twin = await openTwin(driver, place)
      for (const step of STEPS) expected.set(step.name, await outcomeOf(step, twin))
    })

    describe.each(SITUATIONS)('$name', (situation) => {
      const outcomes = new Map<string, string>()
      const parted = new Map<string, readonly unknown[]>()

      beforeAll(async () => {
        await using subject = await openSubject(driver, place, situation)
        for (const step of STEPS) {
          outcomes.set(step.name, await outcomeOf(step, subject))
          if (situation.inStep) parted.set(step.name, await subject.parted())
        }
      })

      test.each(STEPS)('$name', ({ name }) => {
        expect(outcomes.get(name)).toBe(expected.get(name))
        expect(parted.get(name) ?? []).toEqual([])
      })
    })
  })
}
