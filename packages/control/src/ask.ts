import { types } from 'node:util'
import { ExpandContractError, quoteIdentifier } from '@expand-contract/core'
import { type Control, inSchema } from './control.ts'
import type { ControlErrorCode } from './error-catalogue.ts'

/** No table, function, schema or column of the name. */
const ABSENT = new Set(['42P01', '42883', '3F000', '42703'])
const NOT_ALLOWED = '42501'

/**
 * Sends one statement that answers one row with the JSON text `found`. `input` is its one parameter, as JSON.
 * @throws EC_CONTROL_MISSING, EC_CONTROL_PRIVILEGE, and what the driver does
 */
export async function ask<Found>(control: Control, sql: string, input?: object): Promise<Found> {
  const text = inSchema(control.schema, sql)
  try {
    const values = input === undefined ? [] : [JSON.stringify(input)]
    const { rows } = await control.client.query(text, values)
    const found: unknown = Object(rows[0]).found
    return (typeof found === 'string' ? JSON.parse(found) : null) as Found
  } catch (cause) {
    throw explained(control, cause)
  }
}

function explained({ schema }: Control, cause: unknown): unknown {
  const state = stateOf(cause)
  if (state !== NOT_ALLOWED && !ABSENT.has(state ?? '')) return cause
  const name = quoteIdentifier(schema)
  const code: ControlErrorCode = state === NOT_ALLOWED ? 'EC_CONTROL_PRIVILEGE' : 'EC_CONTROL_MISSING'
  return new ExpandContractError(code, {
    message:
      state === NOT_ALLOWED
        ? `The role of this connection may not do that in the control schema ${name}: ${messageOf(cause)}.`
        : `The control schema ${name} is not there, or not complete: ${messageOf(cause)}.`,
    hint:
      state === NOT_ALLOWED
        ? 'Have its owner run what controlGrants() prints (docs/privileges.md).'
        : 'Run `expand-contract init`, or installControl(client), in this database; or give the name that it was installed with as `schema`.',
    cause,
  })
}

/** The SQLSTATE of what a driver raised. */
export const stateOf = (error: unknown): string | undefined =>
  types.isNativeError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined

export const messageOf = (error: unknown): string => (types.isNativeError(error) ? error.message : String(error))
