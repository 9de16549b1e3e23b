import { databasePhases } from '@expand-contract/control'
import { createRuntime, fixedFlags, type Migration, type Runtime, type WarningEvent } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { instrumentedPGlite } from '@expand-contract/pglite'
import { instrumentedSql } from '@expand-contract/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { startPGlite } from '../support/pglite.ts'
import { createDatabase, postgresMajors } from '../support/postgres.ts'

export type Rows = readonly Readonly<Record<string, unknown>>[]
export type Query = (text: string) => Promise<Rows>

export interface OpenDriver extends AsyncDisposable {
  readonly runtime: Runtime
  readonly warnings: readonly WarningEvent[]
  readonly query: Query
  transaction<T>(level: string, work: (query: Query) => Promise<T>): Promise<T>
  /** Knows of no migration. */
  readonly bare: Query
  readonly url: string
}

export interface OpenOptions {
  readonly script: string
  readonly migrations: readonly Migration[]
  readonly schema: string
  readonly catalogRefreshMs: number
  readonly flags: Readonly<Record<string, boolean>>
}

export interface PhaseDriver {
  readonly name: string
  /** One session alone: nothing happens beside an open transaction. */
  readonly alone: boolean
  open(options: OpenOptions): Promise<OpenDriver>
}

async function runtimeOf({ migrations, schema, flags }: OpenOptions) {
  const warnings: WarningEvent[] = []
  const runtime = await createRuntime({
    migrations,
    flags: fixedFlags(flags),
    phases: databasePhases({ schema }),
    observer: { onWarning: (warning) => void warnings.push(warning) },
  })
  return { runtime, warnings }
}

const byPg = postgresMajors().map(
  (major): PhaseDriver => ({
    name: `pg, PostgreSQL ${major}`,
    alone: false,
    async open(options) {
      const database = await createDatabase(major, { sql: options.script })
      const { runtime, warnings } = await runtimeOf(options)
      const { catalogRefreshMs } = options
      const pool = instrumentedPool(runtime, { connectionString: database.url, max: 4 }, { catalogRefreshMs })
      const bare = new pg.Pool({ connectionString: database.url, max: 1 })
      return {
        runtime,
        warnings,
        url: database.url,
        query: async (text) => (await pool.query(text)).rows,
        bare: async (text) => (await bare.query(text)).rows,
        async transaction(level, work) {
          const client = await pool.connect()
          try {
            await client.query(`begin isolation level ${level}`)
            const done = await work(async (text) => (await client.query(text)).rows)
            await client.query('commit')
            return done
          } finally {
            client.release()
          }
        },
        async [Symbol.asyncDispose]() {
          await Promise.all([pool.end(), bare.end()])
          await runtime.close()
          await database.drop()
        },
      }
    },
  }),
)

const byPostgresJs = postgresMajors().map(
  (major): PhaseDriver => ({
    name: `postgres-js, PostgreSQL ${major}`,
    alone: false,
    async open(options) {
      const database = await createDatabase(major, { sql: options.script })
      const { runtime, warnings } = await runtimeOf(options)
      const quiet = { max: 4, onnotice: () => undefined }
      const { catalogRefreshMs } = options
      const sql = instrumentedSql(runtime, postgres(database.url, quiet), { catalogRefreshMs }) as postgres.Sql
      const bare = postgres(database.url, { ...quiet, max: 1 })
      return {
        runtime,
        warnings,
        url: database.url,
        query: async (text) => [...(await sql.unsafe(text))],
        bare: async (text) => [...(await bare.unsafe(text))],
        transaction: async (level, work) =>
          (await sql.begin(`isolation level ${level}`, (tx) =>
            work(async (text) => [...(await tx.unsafe(text))]),
          )) as never,
        async [Symbol.asyncDispose]() {
          await Promise.all([sql.end(), bare.end()])
          await runtime.close()
          await database.drop()
        },
      }
    },
  }),
)

const byPGlite: PhaseDriver = {
  name: 'PGlite',
  alone: true,
  async open(options) {
    const driver = await startPGlite({ script: options.script })
    const { runtime, warnings } = await runtimeOf(options)
    const db = instrumentedPGlite(runtime, driver, { catalogRefreshMs: options.catalogRefreshMs })
    const rows = async (result: Promise<{ rows: unknown[] }>): Promise<Rows> => (await result).rows as Rows
    return {
      runtime,
      warnings,
      url: '',
      query: (text) => rows(db.query(text)),
      bare: (text) => rows(driver.query(text)),
      transaction: (level, work) =>
        db.transaction(async (tx) => {
          await tx.query(`set transaction isolation level ${level}`)
          return work((text) => rows(tx.query(text)))
        }),
      async [Symbol.asyncDispose]() {
        await db.close()
        await runtime.close()
      },
    }
  },
}

export const PHASE_DRIVERS: readonly PhaseDriver[] = [...byPg, ...byPostgresJs, byPGlite]
