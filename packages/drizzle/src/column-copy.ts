import type { PgColumn } from 'drizzle-orm/pg-core'
import { castableType } from './castable-type.ts'

/** A copy of a built column without the guard, with some properties changed: what drizzle-kit may see. */
export function copyOf(column: PgColumn, changes: Partial<Record<keyof PgColumn, unknown>> = {}): PgColumn {
  const { getSQLType: _, ...own } = Object.getOwnPropertyDescriptors(column) as PropertyDescriptorMap
  const copy = Object.create(Object.getPrototypeOf(column) as object, own) as PgColumn
  for (const [key, value] of Object.entries(changes))
    Object.defineProperty(copy, key, { value, writable: true, enumerable: true, configurable: true })
  return copy
}

/**
 * A new column as it can be added to a table with rows in it: nullable and without a default, or it would be filled
 * with what is not the old value. The last stage gives it the rest.
 */
export function asAdded(column: PgColumn): PgColumn {
  const copy = copyOf(column, {
    notNull: false,
    primary: false,
    hasDefault: false,
    default: undefined,
    generatedIdentity: undefined,
  })
  const type = copy.getSQLType()
  return /^(?:small|big)?serial$/u.test(type) ? copyOf(copy, { getSQLType: () => castableType(column) }) : copy
}
