import { DrizzleQueryError } from 'drizzle-orm/errors'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import type { Tables } from './schema.ts'

/** What a step has to work with: Drizzle's database over a pool, and the tables of the application. */
export interface World {
  readonly db: NodePgDatabase<Tables>
  readonly tables: Tables
  /** The pool under it: a step may take a client of its own. */
  readonly pool: pg.Pool
  /** Another database object over a client of the pool, or with other options. */
  open(client: pg.Pool | pg.PoolClient | pg.Client, options?: { readonly cache?: Cache }): NodePgDatabase<Tables>
}

type Cache = import('drizzle-orm/cache/core').Cache

/** One thing that an application does with Drizzle; what it resolves to is compared with the twin's. */
export interface Step {
  readonly name: string
  run(world: World): Promise<unknown>
}

/** Steps by name, in their order. */
export const steps = (group: string, named: Readonly<Record<string, Step['run']>>): readonly Step[] =>
  Object.entries(named).map(([name, run]) => ({ name: `${group}: ${name}`, run }))

/** What came of a step as JSON, errors included: PostgreSQL's own fields, and the statement that Drizzle shows. */
export async function outcomeOf(step: Step, world: World): Promise<string> {
  try {
    return show({ result: await step.run(world) })
  } catch (error) {
    if (!(error instanceof DrizzleQueryError)) return show({ error: String(error) })
    const { code, message, detail = '', constraint, column, table, schema } = error.cause as pg.DatabaseError
    // It shows the row as it is stored, which packages/pg/README.md has under its limits.
    const shown = detail.replace(/^Failing row contains .*/su, 'Failing row')
    return show({ query: error.query, error: { code, message, detail: shown, constraint, column, table, schema } })
  }
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (part === undefined ? null : part), 1)
