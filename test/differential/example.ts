import type { Trait } from './migration-kinds/migration-kind.ts'
import type { Tolerance } from './tolerance.ts'

/** How the application sends a statement. */
export type CallForm = 'rows-as-arrays' | 'rows-as-objects' | 'extended' | 'named' | 'cursor'

export interface Step {
  readonly sql: string
  /** Texts may hold placeholders, as the SQL does. */
  readonly values?: readonly unknown[]
  readonly form?: CallForm
}

/**
 * A statement, or several in one transaction, written over the logical names of any kind. Placeholders:
 * `{t}` the table, `{tq}` the table qualified by its schema, `{id}` its key, `{c}` the first logical column, `{c2}` the
 * second, `{cols}` all of them, `{s}` the first shadow column, `{type}` the declared type of `{c}`, `{peer}` a table with a
 * column named as `{c}`, `{other}` one with a column named as `{s}`, `{v1}` ... `{v6}` values of the data as literals, `{n1}`
 * and `{n2}` values that are in no row, `{all:n1}` a value for each of `{cols}`, `{set:n1}` the same as assignments,
 * `{raw:n1}` the value as a parameter, `{U:c}` the name with escapes that need UESCAPE '!', `{d}`, `{dn1}` column and value of the second migration.
 */
export interface Example {
  readonly id: string
  readonly group: string
  readonly steps: readonly Step[]
  readonly needs: readonly Trait[]
  readonly without: readonly Trait[]
  /** Lowest PostgreSQL major. */
  readonly since: number
  readonly writes: boolean
  /** Compared in order: ORDER BY at the top level of every step that returns rows. */
  readonly ordered: boolean
  /** Rows are compared by number and types alone, since the statement draws random values. */
  readonly shapeOnly: boolean
  /** Runs outside of a transaction of the harness, and leaves no trace by itself. */
  readonly bare: boolean
  /** Where it may differ from the twin, each with its reason; nothing else is forgiven. */
  readonly tolerates: readonly Tolerance[]
}

export interface ExampleOptions {
  readonly needs?: readonly Trait[]
  readonly without?: readonly Trait[]
  readonly since?: number
  readonly ordered?: boolean
  readonly shapeOnly?: boolean
  readonly bare?: boolean
  readonly tolerates?: readonly Tolerance[]
}

type Written = string | ({ readonly sql: string | readonly (string | Step)[] } & Omit<Step, 'sql'> & ExampleOptions)

/** Statements that change nothing, by name. */
export const reads = (group: string, common: ExampleOptions, written: Readonly<Record<string, Written>>): Example[] =>
  Object.entries(written).map(([name, one]) => example(group, name, common, one, false))

/** Statements after which the tables are compared, by name. */
export const writes = (group: string, common: ExampleOptions, written: Readonly<Record<string, Written>>): Example[] =>
  Object.entries(written).map(([name, one]) => example(group, name, common, one, true))

function example(group: string, name: string, common: ExampleOptions, one: Written, isWrite: boolean): Example {
  const own = typeof one === 'string' ? { sql: one } : one
  const { sql, values, form } = own
  const steps: readonly Step[] =
    typeof sql === 'string'
      ? [{ sql, ...(values && { values }), ...(form && { form }) }]
      : sql.map((step) => (typeof step === 'string' ? { sql: step } : step))
  return {
    id: `${group}/${name}`,
    group,
    steps,
    needs: [...(common.needs ?? []), ...(own.needs ?? [])],
    without: [...(common.without ?? []), ...(own.without ?? [])],
    since: Math.max(common.since ?? 0, own.since ?? 0),
    writes: isWrite,
    ordered: own.ordered ?? common.ordered ?? steps.some((step) => sortsRows(step.sql)),
    shapeOnly: own.shapeOnly ?? common.shapeOnly ?? false,
    bare: own.bare ?? common.bare ?? false,
    tolerates: [...(common.tolerates ?? []), ...(own.tolerates ?? [])],
  }
}

/** ORDER BY outside of every bracket. */
function sortsRows(sql: string): boolean {
  let depth = 0
  const outside = [...sql].filter((char) => {
    if (char === '(') depth++
    if (char === ')') depth--
    return depth === 0
  })
  return /\border\s+by\b/iu.test(outside.join(''))
}
