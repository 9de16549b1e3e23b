import { controlSql } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import { syncTriggerName } from '@expand-contract/sql'
import pg from 'pg'
import { type BackfillOptions, type BackfillResult, backfill } from '../../packages/runner/src/backfill/backfill.ts'
import type { BackfillEvent } from '../../packages/runner/src/backfill/backfill-event.ts'
import { createDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'

const CONTROL = controlSql()

export interface Expanded {
  readonly migration: Migration
  readonly table: string
  /** What the sync trigger does, in PL/pgSQL. */
  readonly assign: string
}

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
}

/** A database with these tables, in which each migration has been expanded. */
export async function openBackfillDatabase(
  major: PostgresMajor,
  sql: string,
  expanded: readonly Expanded[],
): Promise<BackfillDatabase> {
  const setUp = `${CONTROL} ${sql} ${expanded.map(syncOf).join('\n')}`
  const database = await createDatabase(major, { sql: setUp })
  const clients: pg.Client[] = []
  async function connect({ role }: { readonly role?: string } = {}): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    clients.push(client)
    if (role !== undefined) await client.query(`set session authorization ${role}`)
    return client
  }
  const client = await connect()
  return {
    url: database.url,
    client,
    connect,
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
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((each) => each.end()))
      await database.drop()
    },
  }
}

function syncOf({ migration, table, assign }: Expanded): string {
  const [trigger, name] = [syncTriggerName(migration.id), `sync_${migration.id.replaceAll(/\W/gu, '_')}`]
  return `
    create function ${name}() returns trigger language plpgsql security definer as $f$ begin ${assign} return new; end $f$;
    create trigger "${trigger}" before insert or update on ${table} for each row execute function ${name}();
    alter table ${table} enable always trigger "${trigger}";
    insert into expand_contract.migrations (id, table_name, phase, declaration_hash, declaration, created_by, changed_by)
      values ('${migration.id}', '${table}', 'expand', 'x', '{}', 'test', 'test');`
}
