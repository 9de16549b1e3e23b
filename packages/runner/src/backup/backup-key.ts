import { heldColumnName } from '@expand-contract/sql'
import type { TableFacts } from '../facts.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import type { SyncShape } from '../sql/sync-shape.ts'

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

/**
 * The key by which rows are told from each other now and after the drop. It is read under the settings of the backup.
 * @throws EC_BACKUP_KEY
 */
export async function readBackupKey(client: RunnerClient, shape: SyncShape): Promise<readonly BackupKeyColumn[]> {
  checkMembers(shape)
  const { rows } = await client.query(KEYS, [shape.table.oid, oldNames(shape)])
  const keys = (JSON.parse(String(rows[0]?.keys ?? 'null')) ?? []) as readonly (readonly FoundColumn[])[]
  const found = keys.find((key) => key.every(({ usable, equals }) => usable && equals !== null))
  if (found === undefined) throw noKey(shape)
  return found.map(({ name, type, collation, equals }) => ({
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

const noKey = ({ table, migration, old }: SyncShape) =>
  runnerError('EC_BACKUP_KEY', {
    message: `${nameOf(table)} has no key without ${old.map(({ declared }) => JSON.stringify(declared)).join(', ')}: a valid unique index over columns that are NOT NULL, not partial, not deferrable, not over an expression. Without one no row is found again.`,
    hint: `Make one: CREATE UNIQUE INDEX CONCURRENTLY, and NOT NULL for its columns. It is needed up to the drop, and for a restore.`,
    migration: migration.id,
  })
