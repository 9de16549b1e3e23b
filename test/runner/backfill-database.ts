import { type Migration, quoteTable } from '@expand-contract/core'
import type { SyncPhase } from '@expand-contract/runner'
import { syncTriggerName } from '@expand-contract/sql'
import type pg from 'pg'
import { type BackfillOptions, type BackfillResult, backfill } from '../../packages/runner/src/backfill/backfill.ts'
import type { BackfillEvent } from '../../packages/runner/src/backfill/backfill-event.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { ExpandedDatabase } from './expanded-database.ts'

export interface BackfillDatabase extends AsyncDisposable {
  readonly url: string
  /** Of the superuser. */
  readonly client: pg.Client
  connect(user?: { readonly role: string }): Promise<pg.Client>
  run(options: Partial<BackfillOptions> & Pick<BackfillOptions, 'migration'>): Promise<{
    readonly result: BackfillResult
    readonly events: readonly BackfillEvent[]
  }>
  count(from: string): Promise<number>
  /** Writes past the sync triggers, as one that bypasses them does. */
  bypass(text: string): Promise<void>
  /** Puts a migration into a phase: its record, and the function of its trigger. */
  enter(migration: Migration, phase: SyncPhase): Promise<void>
}

/** A database with these tables, in which each migration has been expanded. Columns that are there already are taken as they are. */
export async function openBackfillDatabase(
  major: PostgresMajor,
  sql: string,
  migrations: readonly Migration[],
): Promise<BackfillDatabase> {
  const expanded = await ExpandedDatabase.open(major, sql)
  const { client } = expanded
  for (const migration of migrations) await expanded.expand(migration)
  return {
    url: expanded.database.url,
    client,
    async connect({ role }: { readonly role?: string } = {}) {
      const connected = await expanded.connect()
      if (role !== undefined) await connected.query(`set session authorization ${role}`)
      return connected
    },
    async run(options) {
      const events: BackfillEvent[] = []
      const own = options.client ?? client
      const ddl = async (text: string): Promise<void> => void (await own.query(text))
      const result = await backfill({
        ...{ client: own, worker: 'test', ddl },
        ...options,
        onEvent(event) {
          events.push(event)
          options.onEvent?.(event)
        },
      })
      return { result, events }
    },
    async count(from) {
      const { rows } = await client.query(`select count(*)::int as n from ${from}`)
      return rows[0].n
    },
    async bypass(text) {
      const each = (how: string): string =>
        migrations
          .map(({ id, table }) => `alter table ${quoteTable(table)} ${how} trigger "${syncTriggerName(id)}"`)
          .join(';')
      await client.query(`begin; ${each('disable')}; ${text}; ${each('enable always')}; commit`)
    },
    async enter(migration, phase) {
      await expanded.enter(migration, phase)
      await client.query('update expand_contract.migrations set phase = $2 where id = $1', [migration.id, phase])
    },
    [Symbol.asyncDispose]: () => expanded.close(),
  }
}
