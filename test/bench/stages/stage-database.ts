import { controlSql } from '@expand-contract/control'
import { renameColumn } from '@expand-contract/core'
import { runExpand } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import pg from 'pg'
import type { PostgresServer } from '../../support/postgres-server.ts'
import { queryServer } from '../../support/query-server.ts'

export const FULL_NAME = renameColumn({ table: 'items', from: 'name', to: 'full_name', type: 'text' })

/**
 * 128 bytes a row, the pages full, as a table is that was filled once. Autovacuum is off: it would come to some contenders and not to
 * others. `untouched` is the same without the migration.
 */
const schemaOf = (rows: number): string => `
  create table items (id int primary key, name text not null, note text not null, at timestamptz not null default now())
    with (autovacuum_enabled = off);
  insert into items (id, name, note) select n, 'Customer ' || n, repeat('x', 60) from generate_series(1, ${rows}) n;
  create table untouched (like items including all) with (autovacuum_enabled = off);
  alter table untouched add full_name text;
  insert into untouched select *, name from items where id <= ${Math.min(rows, 20_000)};`

/** A database in which `items` is expanded and no row is filled, to make copies of. */
export interface StageDatabase extends AsyncDisposable {
  readonly rows: number
  /** A fresh copy, in which nothing waits to be written to disk. */
  copy(): Promise<StageCopy>
}

export interface StageCopy extends AsyncDisposable {
  readonly url: string
  /** Connected to it. */
  readonly client: pg.Client
  /** One more, which the caller ends. */
  connect(): Promise<pg.Client>
}

export async function createStageDatabase(server: PostgresServer, rows: number): Promise<StageDatabase> {
  const template = `ec_bench_stages_${process.pid}`
  const admin = (sql: string): Promise<unknown> => queryServer(server.url(), sql)
  await admin(`create database ${template}`)
  await loadParser()
  const client = await connect(server.url(template))
  await client.query(`${controlSql()}; ${schemaOf(rows)}`)
  await runExpand(client, FULL_NAME, { operator: { who: 'bench' } })
  await client.query('vacuum (freeze, analyze)')
  await client.end()
  let copies = 0
  return {
    rows,
    async copy() {
      const name = `${template}_${++copies}`
      // A copy of its files, not of its log.
      await admin(`create database ${name} template ${template} strategy file_copy`)
      const copy = await connect(server.url(name))
      await copy.query('checkpoint')
      return {
        url: server.url(name),
        client: copy,
        connect: () => connect(server.url(name)),
        async [Symbol.asyncDispose]() {
          await copy.end()
          await admin(`drop database ${name} with (force)`)
        },
      }
    },
    [Symbol.asyncDispose]: async () => void (await admin(`drop database ${template} with (force)`)),
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return client
}
