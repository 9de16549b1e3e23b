import { expect, it } from 'vitest'
import { CONTROL_SQL_MODULE, controlSqlModule } from '../control/control-files.ts'
import { read } from './workspace.ts'

it(`${CONTROL_SQL_MODULE} is what packages/control/sql says`, () => {
  expect(read(CONTROL_SQL_MODULE), 'run `pnpm control:sql`').toBe(controlSqlModule())
})
