import { ExpandContractError } from '@expand-contract/core'
import type { Control } from '../control.ts'
import type { ControlErrorCode } from '../error-catalogue.ts'
import { readMigration } from './read-migrations.ts'

/** @throws EC_CONTROL_MOVED */
export async function movedOn(control: Control, id: string, expected: string): Promise<never> {
  const now = await readMigration(control, id)
  const is =
    now === undefined
      ? 'it is not recorded'
      : `it is in ${now.phase}, epoch ${now.epoch}, since ${now.changedAt.toISOString()}, by ${now.changedBy}`
  const code: ControlErrorCode = 'EC_CONTROL_MOVED'
  throw new ExpandContractError(code, {
    message: `The migration ${JSON.stringify(id)} was not changed: it was expected to be ${expected}, and ${is}.`,
    hint: 'Another operator has changed it, or has taken the lease. Look at it again (`expand-contract status`), and begin anew from there.',
    migration: id,
  })
}
