import type { PGlite } from '@electric-sql/pglite'
import { live, type PGliteWithLive } from '@electric-sql/pglite/live'
import {
  createRuntime,
  type FixedFlags,
  type FlagSource,
  fixedFlags,
  type Migration,
  type PhaseSource,
  type Runtime,
  type StatementEvent,
} from '@expand-contract/core'
import { instrumentedPGlite } from '@expand-contract/pglite'
import { startPGlite } from '../support/pglite.ts'
import { readSwitch } from '../support/read-switch.ts'

export type LivePGlite = PGlite & PGliteWithLive

export interface OpenPGlite extends AsyncDisposable {
  /** The instrumented instance. */
  readonly db: LivePGlite
  /** The instance of PGlite itself, which knows of no migration. */
  readonly driver: LivePGlite
  readonly runtime: Runtime
  readonly flags: FixedFlags
  readonly statements: readonly StatementEvent[]
  /** The rows of a statement that is not planned. */
  bare(text: string): Promise<readonly unknown[]>
}

export interface OpenPGliteOptions {
  readonly script: string
  readonly migrations: readonly Migration[]
  readonly catalogRefreshMs?: number
  /** @defaultValue what `flags` of the fixture says */
  readonly source?: FlagSource
  /** @defaultValue `switch` for every migration */
  readonly phases?: PhaseSource
}

/** An instance with a script's schema, instrumented. */
export async function openPGlite({
  script,
  migrations,
  source,
  phases = readSwitch(migrations),
  catalogRefreshMs = 1_000,
}: OpenPGliteOptions): Promise<OpenPGlite> {
  const driver = await livePGlite(script)
  const flags = fixedFlags(Object.fromEntries(migrations.map(({ flag }) => [flag ?? '', false])))
  const statements: StatementEvent[] = []
  const observer = { onStatement: (event: StatementEvent) => void statements.push(event) }
  const runtime = await createRuntime({ migrations, flags: source ?? flags, observer, phases })
  const db = instrumentedPGlite(runtime, driver, { catalogRefreshMs })
  return {
    ...{ db, driver, runtime, flags, statements },
    bare: async (text) => (await driver.query(text)).rows,
    async [Symbol.asyncDispose]() {
      await db.close()
      await runtime.close()
    },
  }
}

/** An instance as an application has it that knows of no migration: the twin, or what is instrumented. */
export const livePGlite = async (script: string): Promise<LivePGlite> =>
  (await startPGlite({ script, extensions: { live } })) as LivePGlite
