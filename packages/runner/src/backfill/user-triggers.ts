import { createHash } from 'node:crypto'
import { type Migration, quoteIdentifier, quoteTable } from '@expand-contract/core'
import { computedColumns } from '../rows/computed.ts'
import type { BackfillMember } from '../rows/member.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import type { SyncShape } from '../sql/sync-shape.ts'

/** One trigger or rule of the application that an UPDATE of a row would fire. */
export interface UserTrigger {
  readonly name: string
  readonly relation: string
  /** A BEFORE ROW trigger: it may change other columns, such as updated_at. What the others do cannot be taken back. */
  readonly before: boolean
  /** `O` fires but in the replica role, `R` in that alone, `A` in both. */
  readonly enabled: 'O' | 'R' | 'A'
}

/** How the triggers of the application are kept from seeing a backfill. */
export interface TriggerShield {
  /** Batches run in the replica role. */
  readonly replica: boolean
  /** A trigger that comes last keeps everything but the columns that are filled as it was. */
  readonly keep: boolean
}

const TRIGGERS = `
  SELECT t.tgname AS name, (t.tgtype & 2) <> 0 AND (t.tgtype & 1) <> 0 AS before, t.tgenabled AS enabled
  FROM pg_catalog.pg_trigger t
  WHERE t.tgrelid = $1 AND NOT t.tgisinternal AND t.tgenabled <> 'D' AND (t.tgtype & 16) <> 0
    AND t.tgname !~ '^[!~]+expand_contract_'
    AND (pg_catalog.cardinality(t.tgattr::int2[]) = 0 OR EXISTS (
      SELECT FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = $1 AND a.attname = ANY ($2) AND a.attnum = ANY (t.tgattr::int2[])))
  UNION ALL
  SELECT r.rulename, false, r.ev_enabled FROM pg_catalog.pg_rewrite r
  WHERE r.ev_class = $1 AND r.ev_type = '2' AND r.ev_enabled <> 'D'
  ORDER BY 1`

/** Those that an UPDATE of these columns fires; a trigger for other columns alone (`UPDATE OF`) is not one of them. */
export async function readUserTriggers(
  client: RunnerClient,
  { oid, relation }: BackfillMember,
  columns: readonly string[],
): Promise<readonly UserTrigger[]> {
  const { rows } = await client.query(TRIGGERS, [oid, columns])
  return rows.map(({ name, before, enabled }) => ({
    ...{ name: String(name), relation, before: before === true },
    enabled: enabled as UserTrigger['enabled'],
  }))
}

/**
 * The cheapest way that works: nothing where nothing fires; the replica role where this role may set it (a superuser, or
 * since 15 `GRANT SET ON PARAMETER`), which fires none but those that are ENABLE ALWAYS or REPLICA, and the sync trigger, which is ALWAYS;
 * and against BEFORE triggers that fire all the same, one that comes last.
 * @throws EC_BACKFILL_TRIGGERS where others would fire all the same
 */
export function chooseShield(
  triggers: readonly UserTrigger[],
  mayBeReplica: boolean,
  { migration, role }: { readonly migration: Migration; readonly role: string },
): TriggerShield {
  const firing = (replica: boolean): readonly UserTrigger[] =>
    triggers.filter(({ enabled }) => enabled === 'A' || (enabled === 'R') === replica)
  const ways = (firing(false).length > 0 && mayBeReplica ? [true, false] : [false]).map((replica) => ({
    replica,
    fires: firing(replica),
  }))
  const found = ways.find(({ fires }) => fires.every(({ before }) => before))
  if (found !== undefined) return { replica: found.replica, keep: found.fires.length > 0 }
  const others = (ways[0]?.fires ?? []).filter(({ before }) => !before)
  throw runnerError('EC_BACKFILL_TRIGGERS', {
    message: `The backfill of ${migration.id} would fire ${others.map(({ name, relation }) => `${JSON.stringify(name)} of ${relation}`).join(', ')} for every row.`,
    hint: mayBeReplica
      ? 'They are ENABLE ALWAYS or REPLICA, so no role switches them off for its own session: declare them AFTER UPDATE OF the columns that they are about.'
      : `Let the role ${role} switch triggers off for its own session (PostgreSQL 15 and newer): GRANT SET ON PARAMETER session_replication_role TO ${quoteIdentifier(role)}; or run the backfill as a superuser; or declare these triggers AFTER UPDATE OF the columns that they are about.`,
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
        EXECUTE FUNCTION ${schema}.${name}();
      ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${name};`,
    drop: `DROP TRIGGER IF EXISTS ${name} ON ${table}; DROP FUNCTION IF EXISTS ${schema}.${name}()`,
  }
}
