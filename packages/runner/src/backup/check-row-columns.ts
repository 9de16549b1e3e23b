import type { Migration } from '@expand-contract/core'
import type { TableFacts } from '../facts.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import type { RowColumn } from './backup-key.ts'

/** Takes the oid of the table, and the columns as JSON. */
const MISSING = `SELECT coalesce(pg_catalog.json_agg(k.name), '[]')::pg_catalog.text AS missing
  FROM pg_catalog.jsonb_to_recordset($2::pg_catalog.text::pg_catalog.jsonb) AS k(name pg_catalog.text, type pg_catalog.text)
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::pg_catalog.oid AND a.attname = k.name AND a.attnum > 0
    AND NOT a.attisdropped AND a.atttypid = pg_catalog.to_regtype(pg_catalog.regexp_replace(k.type, '\\([^()"]*\\)', '')))`

interface Checked {
  /** By which a backup tells its rows apart. */
  readonly columns: readonly RowColumn[]
  readonly table: TableFacts
  readonly migration: Migration
}

/** @throws EC_RESTORE_KEY */
export async function checkRowColumns(client: RunnerClient, { columns, table, migration }: Checked): Promise<void> {
  const { rows } = await client.query(MISSING, [table.oid, JSON.stringify(columns)])
  const missing = JSON.parse(String(rows[0]?.missing)) as readonly string[]
  if (missing.length === 0) return
  throw runnerError('EC_RESTORE_KEY', {
    message: `${table.schema}.${table.name} has no column ${missing.map((name) => JSON.stringify(name)).join(', ')} of the type that it had, by which the backup of ${migration.id} tells its rows apart. Nothing was changed.`,
    hint: 'Give it its name and type back for as long as the restore takes.',
    migration: migration.id,
  })
}
