import { createHash } from 'node:crypto'
import { type Migration, quoteIdentifier, quoteTable } from '@expand-contract/core'
import { computedColumns } from '../rows/computed.ts'
import type { BackfillMember } from '../rows/member.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import type { SyncShape } from '../sql/sync-shape.ts'

/** Triggers and rules of the application that an UPDATE of a row would fire. */
export interface UserTriggers {
  /** BEFORE ROW triggers: they may change other columns, such as updated_at. */
  readonly before: readonly string[]
  /** AFTER and statement triggers, and rules: what they do cannot be taken back. */
  readonly after: readonly string[]
}

/** How the triggers of the application are kept from seeing a backfill. */
export type TriggerShield = 'none' | 'replica-role' | 'keep-trigger'

const TRIGGERS = `
  SELECT t.tgname AS name, (t.tgtype & 2) <> 0 AND (t.tgtype & 1) <> 0 AS before
  FROM pg_catalog.pg_trigger t
  WHERE t.tgrelid = $1 AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND (t.tgtype & 16) <> 0
    AND t.tgname !~ '^[!~]+expand_contract_'
    AND (pg_catalog.cardinality(t.tgattr::int2[]) = 0 OR EXISTS (
      SELECT FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = $1 AND a.attname = ANY ($2) AND a.attnum = ANY (t.tgattr::int2[])))
  UNION ALL
  SELECT r.rulename, false FROM pg_catalog.pg_rewrite r WHERE r.ev_class = $1 AND r.ev_type = '2' AND r.ev_enabled <> 'D'
  ORDER BY 1`

/** Those that an UPDATE of the new columns fires; a trigger for other columns alone (`UPDATE OF`) is not one of them. */
export async function readUserTriggers(
  client: RunnerClient,
  migration: Migration,
  member: BackfillMember,
): Promise<UserTriggers> {
  const { rows } = await client.query(TRIGGERS, [member.oid, migration.new.map(({ name }) => name)])
  const names = (before: boolean) => rows.filter((row) => row.before === before).map((row) => String(row.name))
  return { before: names(true), after: names(false) }
}

/**
 * The cheapest way that works: nothing where there is no trigger; the replica role where this role may set it (a superuser, or
 * since 15 `GRANT SET ON PARAMETER`), which fires none of them and still fires the sync trigger, since that is ENABLE ALWAYS;
 * else a trigger that comes last and keeps everything but the new columns as it was.
 * @throws EC_BACKFILL_TRIGGERS where AFTER triggers or rules would fire
 */
export function chooseShield(
  { before, after }: UserTriggers,
  mayBeReplica: boolean,
  {
    migration,
    member,
    role,
  }: { readonly migration: Migration; readonly member: BackfillMember; readonly role: string },
): TriggerShield {
  if (before.length + after.length === 0) return 'none'
  if (mayBeReplica) return 'replica-role'
  if (after.length === 0) return 'keep-trigger'
  throw runnerError('EC_BACKFILL_TRIGGERS', {
    message: `The backfill of ${migration.id} would fire ${after.map((name) => JSON.stringify(name)).join(', ')} of ${quoteTable(member.name)} for every row.`,
    hint: `Let the role ${role} switch triggers off for its own session (PostgreSQL 15 and newer): GRANT SET ON PARAMETER session_replication_role TO ${quoteIdentifier(role)}; or run the backfill as a superuser; or declare these triggers AFTER UPDATE OF the columns that they are about.`,
    migration: migration.id,
  })
}

const MAY_BE_REPLICA_15 = "SELECT pg_catalog.has_parameter_privilege('session_replication_role', 'SET') AS may"
const MAY_BE_REPLICA_14 = 'SELECT rolsuper AS may FROM pg_catalog.pg_roles WHERE rolname = current_user'

/** Whether this role may set `session_replication_role`. */
export async function mayBeReplica(client: RunnerClient, serverVersion: number): Promise<boolean> {
  const { rows } = await client.query(serverVersion >= 150_000 ? MAY_BE_REPLICA_15 : MAY_BE_REPLICA_14)
  return rows[0]?.may === true
}

/** The setting by which the keep trigger knows a backfill. */
export const BACKFILL_SETTING = 'expand_contract.backfill'

const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 16)

/** '~' sorts behind every letter, and a second one behind the sync trigger's name: BEFORE triggers fire in the order of bytes. */
const keepName = (migration: Migration): string => `~~expand_contract_keep_${hashOf(migration.id)}`

/** The trigger that takes back what triggers of the application did in a backfill. Values in it are literals, since DDL takes no parameters. */
export function keepTrigger(
  shape: SyncShape,
  member: BackfillMember,
  side: 'old' | 'new' = 'new',
): { readonly create: string; readonly drop: string } {
  const { migration } = shape
  const name = quoteIdentifier(keepName(migration))
  const schema = quoteIdentifier(member.name.schema)
  const table = quoteTable(member.name)
  const columns = computedColumns(shape, side)
  const values = columns.map(({ value }) => value)
  const targets = columns.map((column) => `new.${column.name}`)
  const literal = `'${migration.id.replaceAll("'", "''")}'`
  return {
    create: `
      CREATE OR REPLACE FUNCTION ${schema}.${name}() RETURNS trigger LANGUAGE plpgsql AS $keep$
      #variable_conflict use_column
      BEGIN
        new := old;
        SELECT ${values.join(', ')} INTO ${targets.join(', ')} FROM (SELECT (old).*) AS "row";
        RETURN new;
      END $keep$;
      CREATE OR REPLACE TRIGGER ${name} BEFORE UPDATE ON ${table} FOR EACH ROW
        WHEN (pg_catalog.current_setting('${BACKFILL_SETTING}', true) = ${literal})
        EXECUTE FUNCTION ${schema}.${name}();`,
    drop: `DROP TRIGGER IF EXISTS ${name} ON ${table}; DROP FUNCTION IF EXISTS ${schema}.${name}()`,
  }
}
