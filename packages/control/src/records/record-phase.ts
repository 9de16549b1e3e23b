import { ExpandContractError, OPERATIONS, type OperationName, type Phase, phaseAfter } from '@expand-contract/core'
import { ask } from '../ask.ts'
import type { Control } from '../control.ts'
import type { ControlErrorCode } from '../error-catalogue.ts'
import { MIGRATION_ROW, type MigrationRecord } from './migration-record.ts'
import { movedOn } from './moved-on.ts'
import type { Operator } from './operator.ts'
import { rowsWithDates } from './row-dates.ts'

export interface RecordPhase extends Operator {
  readonly migration: string
  readonly operation: OperationName
  /** The phase and epoch that the decision was taken in. */
  readonly from: Phase
  readonly epoch: number
  /** The token of the lease, which must still be held. @defaultValue no lease is asked for */
  readonly lease?: string | undefined
  readonly figures?: Readonly<Record<string, unknown>> | undefined
  /** What `contract` takes from the old columns. @defaultValue what is recorded stays */
  readonly contracted?: Readonly<Record<string, unknown>> | undefined
}

/** A phase that a crash takes back would have been acknowledged, and waited for, for nothing. */
const SYNCHRONOUS = `set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
    ELSE current_setting('synchronous_commit') END, true) AS synchronous`

const RECORD = `WITH i AS MATERIALIZED (
  SELECT *, ${SYNCHRONOUS} FROM jsonb_to_record($1::text::jsonb) AS i(id text, operation text, "from" text, "to" text, epoch bigint,
    lease uuid, who text, host text, version text, figures jsonb, contracted jsonb)
), moved AS (
  UPDATE :schema.migrations m SET phase = i."to", epoch = m.epoch + 1, changed_at = clock_timestamp(), changed_by = i.who,
    contracted = coalesce(i.contracted, m.contracted)
  FROM i WHERE m.id = i.id AND m.phase = i."from" AND m.epoch = i.epoch
    AND (i.lease IS NULL OR EXISTS (SELECT FROM :schema.leases l
      WHERE l.migration = m.id AND l.token = i.lease AND l.until > clock_timestamp()))
  RETURNING m.*
), event AS (
  INSERT INTO :schema.events (migration, kind, who, host, version, figures)
  SELECT m.id, 'phase', i.who, i.host, i.version, i.figures
    || jsonb_build_object('operation', i.operation, 'from', i."from", 'to', m.phase, 'epoch', m.epoch) FROM moved m, i
)
SELECT json_agg(${MIGRATION_ROW})::text AS found FROM moved m`

/**
 * Moves a migration to the phase that an operation leads to, raises its epoch and writes the event, in one statement. An
 * operation that keeps the phase (`repair`) raises the epoch alone: what was verified before proves nothing any more.
 * @throws EC_CONTROL_TRANSITION when the operation is not legal in `from`; EC_CONTROL_MOVED when the migration is not in that
 * phase and epoch any more, or the lease is lost: then nothing was changed
 */
export async function recordPhase(control: Control, record: RecordPhase): Promise<MigrationRecord> {
  const { migration, operation, from, epoch, figures = {}, lease, ...operator } = record
  const to = phaseAfter(from, operation) ?? illegal(record)
  const input = { id: migration, operation, from, to, epoch, figures, lease, ...operator }
  const [moved] = rowsWithDates<MigrationRecord>(await ask<readonly object[] | null>(control, RECORD, input))
  const held = lease === undefined ? '' : ', with the lease of this operator'
  return moved ?? (await movedOn(control, migration, `in ${from}, epoch ${epoch}${held}`))
}

function illegal({ migration, operation, from }: RecordPhase): never {
  const code: ControlErrorCode = 'EC_CONTROL_TRANSITION'
  throw new ExpandContractError(code, {
    message: `${operation} is not possible for the migration ${JSON.stringify(migration)}, which is in the phase ${from}.`,
    hint: `In ${from} these are: ${OPERATIONS[from].join(', ')}.`,
    migration,
  })
}
