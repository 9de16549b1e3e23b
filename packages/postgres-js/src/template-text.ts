import type { DriverClasses, DriverPool, DriverSql, PendingQuery } from './postgres-js-internals.ts'

export interface TemplateText {
  readonly text: string
  /** The parameters as `sql.unsafe` takes them. */
  readonly args: readonly unknown[]
}

/** Marks a parameter that is handed on as the application gave it. */
const AS_GIVEN = Symbol('as given')

/**
 * The text of a tagged template with its fragments and helpers, as postgres-js builds it when it sends it (`stringify` in its
 * types.js). What helpers make of their parameters comes from the helpers themselves.
 */
export function templateText(query: PendingQuery, sql: DriverPool, classes: DriverClasses): TemplateText {
  const parameters: unknown[] = []
  const types: unknown[] = []

  const partOf = (before: string, value: unknown): unknown => {
    if (value instanceof classes.Helper) return value.build(before, parameters, types, sql.options)
    if (value instanceof classes.Query) return textOf(value)
    if (value instanceof classes.Identifier) return value.value
    if (Array.isArray(value) && value[0] instanceof classes.Query)
      return value.map((fragment) => ` ${textOf(fragment)}`).join('')
    parameters.push(value)
    return `$${types.push(AS_GIVEN)}`
  }

  const textOf = ({ strings, args }: PendingQuery): string =>
    strings.slice(1).reduce((text, string, index) => `${text}${partOf(text, args[index])}${string}`, strings[0] ?? '')

  const text = textOf(query)
  return { text, args: parameters.map((value, index) => asGiven(sql, value, types[index])) }
}

const asGiven = (sql: DriverSql, value: unknown, type: unknown): unknown =>
  type === AS_GIVEN ? value : sql.typed(value, type)
