import type { Plan } from '@expand-contract/sql'
import { unitOf } from './error-origin.ts'

interface TypeError {
  readonly message: string
  readonly code?: string | undefined
  readonly position?: string | undefined
}

interface WrongType {
  readonly code: string
  readonly message: string
  readonly hint: string
}

const UNMATCHED = /^COALESCE types (?<value>.+) and (?<column>.+) cannot be matched$/u
const UNCONVERTED = /^COALESCE could not convert type (?<column>.+) to (?<value>.+)$/u

/**
 * A value of a type that cannot be assigned to a migrating column is refused by the COALESCE that it goes through on its way
 * into a cast (`checkedSql` of @expand-contract/sql): this is what PostgreSQL says of the assignment itself. The error points to
 * the NULL of that one; a COALESCE of the statement has none of ours.
 */
export function wrongType({ code, message, position }: TypeError, plan: Plan): WrongType | undefined {
  if ((code !== '42804' && code !== '42846') || position === undefined) return undefined
  if (!plan.text.startsWith('NULL::', unitOf(Number(position), plan.text))) return undefined
  const { value, column } = (UNMATCHED.exec(message) ?? UNCONVERTED.exec(message))?.groups ?? {}
  const [name] = plan.touches.flatMap(({ migration, types }) =>
    migration[migration.app].flatMap((each) => (plainType(types[each.name]?.declared) === column ? [each.name] : [])),
  )
  if (name === undefined) return undefined
  return {
    code: '42804',
    message: `column "${name}" is of type ${column} but expression is of type ${value}`,
    hint: 'You will need to rewrite or cast the expression.',
  }
}

/** Messages name types without their modifiers. */
const plainType = (declared: string | undefined): string | undefined => declared?.replaceAll(/\([\d,]+\)/gu, '')
