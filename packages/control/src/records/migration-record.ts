import type { Phase } from '@expand-contract/core'
import type { RecordedDeclaration } from './declaration-hash.ts'

/** One row of `migrations`. */
export interface MigrationRecord {
  readonly id: string
  readonly tableSchema: string | undefined
  readonly tableName: string
  readonly phase: Phase
  readonly epoch: number
  readonly declarationHash: string
  readonly declaration: RecordedDeclaration
  /** Where the old columns stood, by relation and column: a dropped one leaves no name. */
  readonly oldPositions: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** What `contract` took from the old columns, for the way back. */
  readonly contracted: Readonly<Record<string, unknown>>
  readonly createdAt: Date
  readonly createdBy: string
  readonly changedAt: Date
  readonly changedBy: string
}

/** A row of `migrations` under the name `m`, as JSON. */
export const MIGRATION_ROW = `json_build_object('id', m.id, 'tableSchema', m.table_schema, 'tableName', m.table_name,
  'phase', m.phase, 'epoch', m.epoch, 'declarationHash', m.declaration_hash, 'declaration', m.declaration,
  'oldPositions', m.old_positions, 'contracted', m.contracted, 'createdAt', m.created_at, 'createdBy', m.created_by, 'changedAt', m.changed_at,
  'changedBy', m.changed_by)`
