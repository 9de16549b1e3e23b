import { quoteIdentifier } from '@expand-contract/core'
import { LEAVE_NOTHING } from '../execute/session-settings.ts'
import { qualified } from '../sql/sync-names.ts'
import type { SyncColumn } from '../sql/sync-shape.ts'
import type { BackupHeader } from './backup-file.ts'
import type { BackupKeyColumn, RowColumn, RowIdentity } from './backup-key.ts'

/** By which values are written and read as the same text, whatever a session, a role or a database has set. */
export const VALUE_SETTINGS: Readonly<Record<string, string>> = {
  ...{ DateStyle: "'ISO, YMD'", IntervalStyle: 'postgres', TimeZone: "'UTC'", extra_float_digits: '3' },
  ...{
    bytea_output: 'hex',
    quote_all_identifiers: 'off',
    lc_monetary: "'C'",
    xmloption: 'content',
    search_path: 'pg_catalog',
  },
}

const localSettings = Object.entries(VALUE_SETTINGS).map(([name, value]) => `SET LOCAL ${name} = ${value}`)

/** For one transaction. `row_security = off` raises where rows are hidden from the role. */
export const BACKUP_SETTINGS = [
  ...['SET LOCAL row_security = off', 'SET LOCAL statement_timeout = 0', "SET LOCAL client_encoding = 'UTF8'"],
  "SET LOCAL idle_in_transaction_session_timeout = '10min'",
  // It came with PostgreSQL 17, and a role or a database may have one.
  "SELECT pg_catalog.set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'",
  ...localSettings,
  LEAVE_NOTHING,
].join('; ')

/** What the new columns say, in a few bytes: a row of which it is another one was changed. The values are spelled under `VALUE_SETTINGS`. */
export const digestSql = (values: readonly string[]): string =>
  `pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to((ROW(${values.join(', ')}))::pg_catalog.text, 'UTF8')), 'hex'), 32)`

/** What PostgreSQL allows a function is 100 parameters. */
const PARAMETERS = 90

/** Columns as many at a time as a function may have for parameters. */
export const partsOf = <T>(columns: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(columns.length / PARAMETERS) }, (_, part) =>
    columns.slice(part * PARAMETERS, (part + 1) * PARAMETERS),
  )

/** What a row holds, of which `of` gives the digest of a part. */
export function wholeDigest(
  values: readonly string[],
  of: (values: readonly string[], part: number) => string = digestSql,
): string {
  const digests = partsOf(values).map(of)
  return digests.length === 1 ? String(digests[0]) : digestSql(digests)
}

export interface BackedUp extends RowIdentity {
  /** Quoted. */
  readonly table: string
  readonly old: readonly SyncColumn[]
  readonly new: readonly Pick<SyncColumn, 'name'>[]
}

const at = (alias: string, { name }: { readonly name: string }): string => `${alias}.${quoteIdentifier(name)}`

const wholeOf = (whole: readonly RowColumn[], alias: string): string =>
  wholeDigest(whole.map((column) => at(alias, column)))

/** Key, old values and digest of every row, by the names `k1`, `o1` and `digest`. */
export function selectRows({ table, key, whole, old, new: added }: BackedUp): string {
  const columns = [
    ...key.map((column, index) => `${at('t', column)} AS k${index + 1}`),
    ...(whole === undefined ? [] : [`${wholeOf(whole, 't')} AS k1`]),
    ...old.map((column, index) => `${at('t', column)} AS o${index + 1}`),
    `${digestSql(added.map((column) => at('t', column)))} AS digest`,
  ]
  return `SELECT ${columns.join(', ')} FROM ${table} AS t`
}

export const copyRows = (backedUp: BackedUp): string =>
  `COPY (${selectRows(backedUp)}) TO STDOUT (FORMAT text, ENCODING 'UTF8')`

export const copyInto = (scratch: string): string => `COPY ${scratch} FROM STDIN (FORMAT text, ENCODING 'UTF8')`

const column = (name: string, type: string, collation: string | undefined): string =>
  `${name} ${type}${collation === undefined ? '' : ` COLLATE ${collation}`}`

/** A domain would be checked again, which an old value may not have been. */
export const plainType = ({ domain, type, under }: Pick<SyncColumn, 'domain' | 'type' | 'under'>): string =>
  domain ? under : type

/** The columns of a scratch table. */
export const scratchColumns = ({ key, whole, old }: Pick<BackupHeader, 'key' | 'whole' | 'old'>): string =>
  [
    ...(whole === undefined ? [] : [column('k1', 'pg_catalog.text', 'pg_catalog."C"')]),
    ...key.map(({ type, collation }, index) => column(`k${index + 1}`, type, collation)),
    ...old.map((each, index) => column(`o${index + 1}`, plainType(each), each.collation)),
    'digest pg_catalog.text COLLATE pg_catalog."C"',
  ].join(', ')

/** Values of several columns as one text; what they are by their output functions. */
export const rowText = (alias: string, count: number): string =>
  `(ROW(${Array.from({ length: count }, (_, index) => `${alias}.o${index + 1}`).join(', ')}))::pg_catalog.text COLLATE pg_catalog."C"`

export const sameKey = (left: string, right: string, key: readonly BackupKeyColumn[]): string =>
  key.map(({ equals }, index) => `${left}.k${index + 1} ${equals} ${right}.k${index + 1}`).join(' AND ')

/** Both directions at once, row by row. */
export function compareRows(backedUp: BackedUp, scratch: string): string {
  const both = 's.digest IS NOT NULL AND t.digest IS NOT NULL'
  const count = (condition: string, name: string): string =>
    `pg_catalog.count(*) FILTER (WHERE ${condition})::pg_catalog.text AS ${name}`
  const other = `${rowText('s', backedUp.old.length)} IS DISTINCT FROM ${rowText('t', backedUp.old.length)}`
  return `SELECT ${[
    count(`${both} AND s.digest = t.digest AND NOT (${other})`, 'same'),
    count(`${both} AND s.digest = t.digest AND (${other})`, 'other'),
    count(`${both} AND s.digest <> t.digest`, 'changed'),
    count('s.digest IS NULL', 'added'),
    count('t.digest IS NULL', 'gone'),
  ].join(', ')} FROM (${selectRows(backedUp)}) AS t FULL JOIN ${scratch} AS s ON ${sameKey('t', 's', backedUp.key)}`
}

/** Indexes and constraints that need the old columns, as they are with the names of the declaration. Takes the oid of the table and the names. */
export const DEFINITIONS = `WITH used AS (SELECT a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::pg_catalog.oid
    AND a.attname = ANY ($2::pg_catalog.text[]::pg_catalog.name[]) AND NOT a.attisdropped),
  dependent AS (SELECT DISTINCT d.classid, d.objid FROM pg_catalog.pg_depend d JOIN used u ON d.refobjsubid = u.attnum
    WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = $1::pg_catalog.oid)
SELECT pg_catalog.json_agg(x.sql ORDER BY x.nr, x.sql)::pg_catalog.text AS found FROM (
  SELECT 1 AS nr, pg_catalog.pg_get_indexdef(i.indexrelid) AS sql FROM dependent d JOIN pg_catalog.pg_index i ON i.indexrelid = d.objid
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND i.indrelid = $1::pg_catalog.oid
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid)
  UNION ALL SELECT 2, pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', $1::pg_catalog.oid::pg_catalog.regclass, k.conname, pg_catalog.pg_get_constraintdef(k.oid))
    FROM dependent d JOIN pg_catalog.pg_constraint k ON k.oid = d.objid
    WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.conrelid = $1::pg_catalog.oid AND k.contype <> 'n'
      AND NOT pg_catalog.starts_with(k.conname::pg_catalog.text, '_ec_not_null_')) x`

export const tableOf = ({ schema, name }: BackupHeader['table']): string => qualified(schema, name)
