import { type FixedPhases, fixedPhases, type Migration } from '@expand-contract/core'

/** The phase `switch` for all of them: while both columns exist, the flags decide what is read. */
export const readSwitch = (migrations: readonly Pick<Migration, 'id'>[]): FixedPhases =>
  fixedPhases(Object.fromEntries(migrations.map(({ id }) => [id, 'switch'])))
