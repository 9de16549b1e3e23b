import { expect, it } from 'vitest'
import { HAZARD_REFERENCE, hazardReference } from './hazard-reference.ts'
import { read } from './workspace.ts'

it(`${HAZARD_REFERENCE} is what the hazards say`, () => {
  expect(read(HAZARD_REFERENCE), 'run `pnpm docs:hazards`').toBe(hazardReference())
})
