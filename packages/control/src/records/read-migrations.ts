import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { MIGRATION_ROW, type MigrationRecord } from './migration-record.ts'
import { rowsWithDates } from './row-dates.ts'

const READ = `SELECT json_agg(${MIGRATION_ROW} ORDER BY m.id)::text AS found FROM :schema.migrations m`
const READ_ONE = `SELECT json_agg(${MIGRATION_ROW})::text AS found FROM :schema.migrations m
  WHERE m.id = $1::text::jsonb ->> 'id'`

/** @throws EC_CONTROL_MISSING, EC_CONTROL_PRIVILEGE */
export async function readMigrations(control: Control): Promise<readonly MigrationRecord[]> {
  return rowsWithDates(await ask<readonly object[] | null>(control, READ))
}

/** @throws EC_CONTROL_MISSING, EC_CONTROL_PRIVILEGE */
export async function readMigration(control: Control, id: string): Promise<MigrationRecord | undefined> {
  return rowsWithDates<MigrationRecord>(await ask<readonly object[] | null>(control, READ_ONE, { id }))[0]
}
