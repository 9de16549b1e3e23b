import {
  createRuntime,
  type FixedFlags,
  type FixedPhases,
  fixedFlags,
  fixedPhases,
  type Migration,
  type Side,
  type StatementEvent,
} from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import { failureIn } from '../../packages/sql/fixtures/rewriter-failure.ts'
import { flagOf, type MigrationKind, migrationsOf } from './migration-kinds/migration-kind.ts'
import { typeNames } from './observe.ts'
import { recordSent } from './record-sent.ts'
import type { ConnectedDatabase } from './run.ts'
import type { Situation } from './situation.ts'

/** A client that goes through the library, whose phases and flags follow the situation. */
export interface Subject extends ConnectedDatabase {
  enter(situation: Situation): void
}

export const openSubjectOf = (url: string, kind: MigrationKind, app: Side): Promise<Subject> =>
  openSubject(url, { migrations: migrationsOf(kind, app), flagFor: (part) => flagOf(kind, part) })

interface Migrations {
  readonly migrations: readonly Migration[]
  /** By the place among the migrations. */
  readonly flagFor: (part: number) => string
}

export async function openSubject(url: string, { migrations, flagFor }: Migrations): Promise<Subject> {
  const flags: FixedFlags = fixedFlags()
  const phases: FixedPhases = fixedPhases()
  const events: StatementEvent[] = []
  const observer = { onStatement: (event: StatementEvent) => void events.push(event) }
  const runtime = await createRuntime({ migrations, flags, phases, observer })
  const pool = instrumentedPool(runtime, { connectionString: url, max: 1 })
  // The database may be dropped while the backend is still going down.
  pool.on('error', () => {})
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  const client = await pool.connect()
  const sent = recordSent(client)
  return {
    client,
    admin,
    types: await typeNames(admin),
    enter(situation) {
      for (const [part, migration] of migrations.entries()) {
        flags.set(flagFor(part), situation.flag)
        phases.set(migration.id, situation.phase)
      }
    },
    takeEvents() {
      const taken = events.splice(0)
      const failure = failureIn(taken.flatMap(({ reasons }) => reasons))
      if (failure) throw failure
      return taken
    },
    takeSent: () => sent.splice(0),
    async close() {
      client.release()
      await Promise.all([pool.end(), admin.end()])
      await runtime.close()
    },
  }
}
