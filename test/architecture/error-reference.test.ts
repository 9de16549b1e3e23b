import { expect, it } from 'vitest'
import { ERROR_REFERENCE, errorReference } from './error-reference.ts'
import { read } from './workspace.ts'

it(`${ERROR_REFERENCE} is what the catalogues say`, async () => {
  expect(read(ERROR_REFERENCE), 'run `pnpm docs:errors`').toBe(await errorReference())
})
