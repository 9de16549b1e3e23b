import { quoteIdentifier } from '@expand-contract/core'
import { type ControlOptions, checkedSchema, inSchema } from '../control.ts'

export interface ControlGrantsOptions extends ControlOptions {
  /** The role that the application logs in with, or one that it is a member of. @defaultValue none: nothing is printed for it */
  readonly application?: string | undefined
  /** The role of those who run the commands. @defaultValue none: nothing is printed for it */
  readonly operator?: string | undefined
}

/** Reads phases; writes its heartbeat and its inventory by one function, and no table. */
const APPLICATION = `grant usage on schema :schema to :role;
grant select on :schema.schema_versions, :schema.installation, :schema.migrations to :role;
grant execute on function :schema.report(jsonb) to :role;`

/** Reads all, changes what records its work, and rewrites no history: events and verifications are added alone. */
const OPERATOR = `grant usage on schema :schema to :role;
grant select on all tables in schema :schema to :role;
grant insert, update on :schema.migrations to :role;
grant insert on :schema.events, :schema.verifications to :role;
grant insert, update on :schema.backups, :schema.soaks to :role;
grant insert, update, delete on :schema.leases, :schema.runs, :schema.backfills, :schema.backfill_ranges, :schema.backfill_failures to :role;
grant delete on :schema.instances, :schema.statements, :schema.latencies to :role;`

/**
 * The least privileges on the control schema, as a script for its owner; to be run again after an upgrade. What the commands do to
 * the tables of the application needs their owner besides: docs/privileges.md.
 * @throws EC_CONTROL_SCHEMA
 */
export function controlGrants({ schema, application, operator }: ControlGrantsOptions): string {
  const name = checkedSchema(schema)
  const granted = (sql: string, role: string | undefined): readonly string[] =>
    role === undefined
      ? []
      : [
          inSchema(
            name,
            sql.replaceAll(':role', () => quoteIdentifier(role)),
          ),
        ]
  return [...granted(APPLICATION, application), ...granted(OPERATOR, operator)].map((part) => `${part}\n`).join('')
}
