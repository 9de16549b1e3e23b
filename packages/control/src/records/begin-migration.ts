import type { Migration } from '@expand-contract/core'
import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import { declarationHash, recordedDeclaration } from './declaration-hash.ts'
import { MIGRATION_ROW, type MigrationRecord } from './migration-record.ts'
import { movedOn } from './moved-on.ts'
import type { Operator } from './operator.ts'
import { rowsWithDates } from './row-dates.ts'

export interface BeginMigration extends Operator {
  readonly migration: Migration
  readonly oldPositions: MigrationRecord['oldPositions']
  readonly figures?: Readonly<Record<string, unknown>> | undefined
}

const BEGIN = `WITH i AS (
  SELECT * FROM jsonb_to_record($1::text::jsonb) AS i(id text, schema text, name text, hash text, declaration jsonb,
    positions jsonb, who text, host text, version text, figures jsonb)
), begun AS (
  INSERT INTO :schema.migrations AS m (id, table_schema, table_name, phase, declaration_hash, declaration, old_positions,
    created_by, changed_by)
  SELECT i.id, i.schema, i.name, 'expand', i.hash, i.declaration, i.positions, i.who, i.who FROM i
  ON CONFLICT (id) DO UPDATE SET phase = 'expand', epoch = m.epoch + 1, table_schema = excluded.table_schema,
    table_name = excluded.table_name, declaration_hash = excluded.declaration_hash, declaration = excluded.declaration,
    old_positions = CASE WHEN EXISTS (SELECT FROM :schema.events e WHERE e.migration = m.id AND e.kind = 'phase'
      AND e.figures ->> 'operation' = 'restore') THEN excluded.old_positions || m.old_positions ELSE excluded.old_positions END,
    changed_at = clock_timestamp(), changed_by = excluded.changed_by
  WHERE m.phase = 'off'
  RETURNING m.*
), forgotten AS (
  DELETE FROM :schema.backfills b USING begun m WHERE b.migration = m.id
), event AS (
  INSERT INTO :schema.events (migration, kind, who, host, version, figures)
  SELECT m.id, 'phase', i.who, i.host, i.version, i.figures
    || jsonb_build_object('operation', 'expand', 'from', 'off', 'to', m.phase, 'epoch', m.epoch) FROM begun m, i
)
SELECT json_agg(${MIGRATION_ROW})::text AS found FROM begun m`

/**
 * Records that a migration is in `expand`, with its event, in one statement: to be sent in the transaction that adds the
 * column and the trigger. A migration that was rolled back begins again, with the declaration of now, and how far its backfill was is forgotten: the
 * column that was filled is gone. An old column that was dropped and restored keeps the place that it had first: applications count on that.
 * @throws EC_CONTROL_MOVED when it has begun already
 */
export async function beginMigration(control: Control, begin: BeginMigration): Promise<MigrationRecord> {
  const { migration, oldPositions, figures = {}, ...operator } = begin
  const input = {
    id: migration.id,
    schema: migration.table.schema ?? null,
    name: migration.table.name,
    hash: declarationHash(migration),
    declaration: recordedDeclaration(migration),
    positions: oldPositions,
    figures,
    ...operator,
  }
  const [begun] = rowsWithDates<MigrationRecord>(await ask<readonly object[] | null>(control, BEGIN, input))
  return begun ?? (await movedOn(control, migration.id, 'off, or not recorded'))
}
