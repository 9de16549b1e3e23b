import { openControl, readMigration } from '@expand-contract/control'
import { renameColumn } from '@expand-contract/core'
import { readFacts, syncShape, syncTriggerProblems } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type pg from 'pg'
import { expect, vi } from 'vitest'

const MIGRATION = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })

/** What an operation leaves behind, without times. An epoch may be further on where a pass of repair has begun twice. */
const PARTS: Readonly<Record<string, string>> = {
  rows: 'select * from users order by id',
  phase: 'select id, phase from expand_contract.migrations',
  phases: `select figures ->> 'from' as "from", figures ->> 'to' as "to" from expand_contract.events where kind = 'phase' and figures ->> 'operation' <> 'repair' order by id`,
  columns: `select attname, format_type(atttypid, atttypmod) as type, attnotnull, coalesce(attstattarget, -1) as statistics, pg_get_expr(adbin, adrelid) as default,
      col_description(attrelid, attnum) as comment
    from pg_attribute a left join pg_attrdef d on adrelid = attrelid and adnum = attnum where attrelid = 'users'::regclass and attnum > 0 and not attisdropped order by attnum`,
  indexes: `select pg_get_indexdef(indexrelid) as definition, indisvalid, indisready from pg_index where indrelid = 'users'::regclass order by 1`,
  constraints: `select conname, pg_get_constraintdef(oid) as definition, convalidated from pg_constraint where conrelid = 'users'::regclass order by 1`,
  triggers: `select pg_get_triggerdef(oid) as definition, tgenabled from pg_trigger where tgrelid = 'users'::regclass and not tgisinternal order by 1`,
  functions: `select proname, prosrc, proconfig from pg_proc where pronamespace in ('public'::regnamespace, 'expand_contract'::regnamespace) order by 1, 2`,
  relations: `select relname, relkind from pg_class where relnamespace in ('public'::regnamespace, 'expand_contract'::regnamespace) order by 1`,
  backfill: 'select migration, paused, finished_at is not null as finished from expand_contract.backfills',
  ranges: `select relation, sum(rows)::int as rows, bool_and(cursor_block = end_block) as done from expand_contract.backfill_ranges group by 1 order by 1`,
  failures: 'select count(*)::int as n from expand_contract.backfill_failures',
  verified: 'select clean, rows from expand_contract.verifications order by id desc limit 1',
  leases: 'select operation from expand_contract.leases where until > clock_timestamp()',
}

export type Snapshot = Readonly<Record<string, unknown>>

export async function stageSnapshot(client: pg.Client): Promise<Snapshot> {
  const parts: Record<string, unknown> = {}
  for (const [name, sql] of Object.entries(PARTS)) parts[name] = (await client.query(sql)).rows
  return { ...parts, problems: await triggerProblems(client) }
}

/** Of the phases in which old and new column have their own names. */
async function triggerProblems(client: pg.Client): Promise<unknown> {
  await loadParser()
  const record = await readMigration(openControl(client), MIGRATION.id)
  if (record?.phase !== 'expand' && record?.phase !== 'switch') return undefined
  const facts = await readFacts(client, MIGRATION)
  const { table, trigger } = facts
  if (table === undefined || trigger === undefined) throw new Error('the table is not there')
  return syncTriggerProblems(syncShape(MIGRATION, { ...facts, table }), trigger, record.phase)
}

/** No session of a command in this database, and no advisory lock of anybody: a backend ends a moment after its client. */
export async function nothingIsLeft(client: pg.Client): Promise<void> {
  const sessions = `select pid, state, query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    and application_name like 'expand-contract%'`
  await vi.waitFor(async () => expect((await client.query(sessions)).rows).toEqual([]), {
    timeout: 60_000,
    interval: 50,
  })
  const locks = `select locktype, pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`
  expect((await client.query(locks)).rows).toEqual([])
}
