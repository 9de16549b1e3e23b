import { heldColumnName } from '@expand-contract/sql'
import type { TableFacts } from '../facts.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { oldComesBack } from '../verify/differences.ts'

/** A column by which a row is found again. */
export interface BackupKeyColumn {
  readonly name: string
  /** With its modifiers, qualified. */
  readonly type: string
  /** Qualified and quoted; undefined where it is the type's own. */
  readonly collation?: string | undefined
  /** The equality of its index: `OPERATOR(pg_catalog.=)`. */
  readonly equals: string
}

/** A column of those that tell a row where no key does. */
export type RowColumn = Pick<BackupKeyColumn, 'name' | 'type'>

/** By what the rows of a backup are found again: a key, or all that a row holds but the old columns. */
export interface RowIdentity {
  readonly key: readonly BackupKeyColumn[]
  readonly whole?: readonly RowColumn[] | undefined
}

/** Plain columns that are NOT NULL, of an index that is unique at once and for all rows, without an old column; the primary key first. */
const KEYS = `SELECT pg_catalog.json_agg(x.key ORDER BY x.first DESC, x.columns, x.oid)::pg_catalog.text AS keys FROM (
  SELECT i.indisprimary AS first, i.indnkeyatts AS columns, i.indexrelid AS oid, (
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod),
      'collation', CASE WHEN a.attcollation <> y.typcollation THEN (SELECT pg_catalog.format('%I.%I', n.nspname, c.collname)
        FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = a.attcollation) END,
      'equals', (SELECT pg_catalog.format('OPERATOR(%I.%s)', n.nspname, p.oprname) FROM pg_catalog.pg_opclass o
        JOIN pg_catalog.pg_amop m ON m.amopfamily = o.opcfamily AND m.amopstrategy = 3 AND m.amoplefttype = o.opcintype AND m.amoprighttype = o.opcintype
        JOIN pg_catalog.pg_operator p ON p.oid = m.amopopr JOIN pg_catalog.pg_namespace n ON n.oid = p.oprnamespace
        WHERE o.oid = i.indclass[k.nr - 1]),
      'usable', a.attnotnull AND a.attname <> ALL ($2::pg_catalog.text[]::pg_catalog.name[])) ORDER BY k.nr)
    FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(attnum, nr)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
    WHERE k.nr <= i.indnkeyatts) AS key
  FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am am ON am.oid = x.relam AND am.amname = 'btree'
  WHERE i.indrelid = $1::pg_catalog.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL) x`

type FoundColumn = Omit<BackupKeyColumn, 'collation'> & { readonly collation: string | null; readonly usable: boolean }

/** All columns that PostgreSQL does not compute, without the old ones. */
const WHOLE = `SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod))
    ORDER BY a.attnum)::pg_catalog.text AS whole
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND a.attname <> ALL ($2::pg_catalog.text[]::pg_catalog.name[])`

/**
 * The key by which rows are told from each other now and after the drop, or, without one, what they hold. It is read under the settings of the backup.
 * @throws EC_BACKUP_KEY
 */
export async function readRowIdentity(client: RunnerClient, shape: SyncShape): Promise<RowIdentity> {
  checkMembers(shape)
  const key = await readBackupKey(client, shape)
  if (key !== undefined) return { key }
  const { rows } = await client.query(WHOLE, [shape.table.oid, oldNames(shape)])
  return { key: [], whole: JSON.parse(String(rows[0]?.whole)) as readonly RowColumn[] }
}

/** Whether a restore can give every row that is there its exact old value: rows have a key, or the mapping tells it. */
export const bringsAllBack = async (client: RunnerClient, shape: SyncShape): Promise<boolean> =>
  oldComesBack(shape) || (await readBackupKey(client, shape)) !== undefined

async function readBackupKey(client: RunnerClient, shape: SyncShape): Promise<readonly BackupKeyColumn[] | undefined> {
  const { rows } = await client.query(KEYS, [shape.table.oid, oldNames(shape)])
  const keys = (JSON.parse(String(rows[0]?.keys ?? 'null')) ?? []) as readonly (readonly FoundColumn[])[]
  const found = keys.find((key) => key.every(({ usable, equals }) => usable && equals !== null))
  return found?.map(({ name, type, collation, equals }) => ({
    ...{ name, type, equals },
    ...(collation !== null && { collation }),
  }))
}

const oldNames = ({ old }: SyncShape): readonly string[] =>
  old.flatMap(({ name, declared }) => [name, declared, heldColumnName(declared)])

/** A key holds for a table and its partitions. */
function checkMembers({ table, migration }: SyncShape): void {
  const others = table.members.slice(1).filter(({ partition, kind }) => !partition || kind === 'f')
  if (others.length === 0) return
  throw runnerError('EC_BACKUP_KEY', {
    message: `Rows of ${nameOf(table)} are in ${others.map(nameOf).join(', ')} as well, for which no key of it holds: they cannot be told from each other in a backup.`,
    hint: 'Back up the database as a whole, by means of your own, and leave the old column of this migration in `hold`.',
    migration: migration.id,
  })
}

const nameOf = ({ schema, name }: Pick<TableFacts, 'schema' | 'name'>): string => `${schema}.${name}`

/** Of rows that a command gives back. @throws EC_BACKUP_KEY */
export function checkKeyed({ table, migration, old }: SyncShape, { whole }: RowIdentity): void {
  if (whole === undefined) return
  throw runnerError('EC_BACKUP_KEY', {
    message: `${nameOf(table)} has no key without ${old.map(({ declared }) => JSON.stringify(declared)).join(', ')}: a valid unique index over columns that are NOT NULL, not partial, not deferrable, not over an expression. Rows that a command of your own gives back are found again by such a key alone.`,
    hint: `Let \`expand-contract backup ${migration.id}\` write the file: it needs no key. Or make one: CREATE UNIQUE INDEX CONCURRENTLY, and NOT NULL for its columns; it is needed up to the drop, and for a restore.`,
    migration: migration.id,
  })
}
