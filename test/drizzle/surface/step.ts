import type { DrizzleConfig, SQL } from 'drizzle-orm'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import type { MigrationConfig } from 'drizzle-orm/migrator'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { Tables } from './schema.ts'

export interface Executed {
  readonly rows: readonly Record<string, unknown>[]
  readonly rowCount: number | null
  readonly command: string | undefined
  /** The names of the columns. */
  readonly fields: readonly string[]
}

/** A database of Drizzle: drivers differ in what `execute` and writes resolve to, and in nothing else that steps use. */
export type Database = NodePgDatabase<Tables>

/** What a step has to work with: Drizzle's database over a pool, and the tables of the application. */
export interface StepContext {
  readonly db: Database
  readonly tables: Tables
  /** Another database object over the same pool, with options of its own. */
  another(options: Pick<DrizzleConfig, 'cache' | 'logger'>): Database
  /** The `migrate` of the driver. */
  migrate(config: MigrationConfig): Promise<void>
  /** `db.execute`, with what each driver has of it. */
  execute(statement: SQL | string): Promise<Executed>
  /** Runs `work` on one connection of the pool. */
  onOneConnection<T>(work: (db: Database) => Promise<T>): Promise<T>
  /** Runs `work` on a client of its own. */
  onOwnClient<T>(work: (db: Database) => Promise<T>): Promise<T>
}

/** One thing that an application does with Drizzle; what it resolves to is compared with the twin's. */
export interface Step {
  readonly name: string
  run(context: StepContext): Promise<unknown>
}

/** Steps by name, in their order. */
export const steps = (group: string, named: Readonly<Record<string, Step['run']>>): readonly Step[] =>
  Object.entries(named).map(([name, run]) => ({ name: `${group}: ${name}`, run }))

/** What came of a step as JSON, errors included: PostgreSQL's own fields, and the statement that Drizzle shows. */
export async function outcomeOf(step: Step, context: StepContext): Promise<string> {
  try {
    return show({ result: await step.run(context) })
  } catch (error) {
    if (!(error instanceof DrizzleQueryError)) return show({ error: String(error) })
    const cause = error.cause as unknown as Readonly<Record<string, string | undefined>>
    const { code, message, detail = '' } = cause
    // node-postgres and PGlite have the short names, postgres-js the long ones.
    const [constraint, column, table, schema] = ['constraint', 'column', 'table', 'schema'].map(
      (field) => cause[field] ?? cause[`${field}_name`],
    )
    // It shows the row as it is stored, which packages/pg/README.md has under its limits.
    const shown = detail.replace(/^Failing row contains .*/su, 'Failing row')
    return show({ query: error.query, error: { code, message, detail: shown, constraint, column, table, schema } })
  }
}

const show = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : (part ?? null)), 1)
