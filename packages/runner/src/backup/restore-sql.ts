import { createHash } from 'node:crypto'
import { quoteIdentifier, quoteTable } from '@expand-contract/core'
import type { BackfillMember } from '../rows/member.ts'
import { type TidRange, tidLiteral } from '../rows/tid-range.ts'
import { mappingSql } from '../sql/mapping-sql.ts'
import { dollarQuoted, NOT_OF_THE_VALUE, pathOf } from '../sql/sync-function.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import type { BackupKeyColumn } from './backup-key.ts'
import { digestSql, plainType, VALUE_SETTINGS } from './backup-sql.ts'

/** What a restore works with, in the control schema, until it is done. */
export interface RestoreParts {
  readonly shape: SyncShape
  readonly key: readonly BackupKeyColumn[]
}

/** The setting by which the sync trigger knows that a value is restored. */
export const RESTORE_SETTING = 'expand_contract.restore'

const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 16)

export const scratchName = (id: string): string => `~restore_${hashOf(id)}`

const inControl = (
  { controlSchema, migration }: Pick<SyncShape, 'controlSchema' | 'migration'>,
  prefix: string,
): string => qualified(controlSchema, `${prefix}${hashOf(migration.id)}`)

export const scratchTable = (shape: Pick<SyncShape, 'controlSchema' | 'migration'>): string =>
  inControl(shape, '~restore_')
const digestFunction = (shape: SyncShape): string => inControl(shape, '~restore_digest_')
const valueFunction = (shape: SyncShape): string => inControl(shape, '~restore_value_')

/** The parameters of both functions: what has to be known of a row. */
const keyNames = (key: readonly BackupKeyColumn[]): readonly string[] => key.map((_, index) => `ec_k${index + 1}`)
const newNames = ({ new: added }: SyncShape): readonly string[] => added.map((_, index) => `ec_n${index + 1}`)
const oldNames = ({ old }: SyncShape): readonly string[] => old.map((_, index) => `ec_o${index + 1}`)

/**
 * Two functions: the digest of a row, spelled as it was when the backup was taken; and what the old columns of a row are to be: what was backed
 * up for its key where the new columns still say the same, else what the mapping makes of these, and NULL where it has no value.
 */
export function restoreFunctions({ shape, key }: RestoreParts): readonly string[] {
  const [keys, news, olds] = [keyNames(key), newNames(shape), oldNames(shape)]
  const newTypes = shape.new.map(({ type }, index) => `${news[index]} ${type}`)
  const keyTypes = key.map(({ type }, index) => `${keys[index]} ${type}`)
  const settings = Object.entries(VALUE_SETTINGS).map(([name, value]) => `SET ${name} = ${value}`)
  const made = mappingSql(shape, 'old', (column) => news[shape.new.findIndex(({ name }) => name === column)] ?? column)
  const digest = `begin return ${digestSql(news)}; end`
  const equal = key.map(({ equals }, index) => `s.k${index + 1} ${equals} ${keys[index]}`)
  const value = [
    '#variable_conflict use_variable',
    'declare',
    ...shape.old.map((column, index) => `  ec_made${index + 1} ${plainType(column)};`),
    'begin',
    `  select ${shape.old.map((_, index) => `s.o${index + 1}`).join(', ')}, true into ${[...olds, 'ec_exact'].join(', ')} from ${scratchTable(shape)} s`,
    `    where ${equal.join(' and ')} and s.digest = ${digestFunction(shape)}(${news.join(', ')}) limit 1;`,
    '  if ec_exact then return; end if;',
    '  ec_exact := false;',
    '  begin',
    ...made.map(({ sql }, index) => `    ec_made${index + 1} := ${sql};`),
    ...shape.old.flatMap(({ domain, type }, index) => (domain ? [`    perform ec_made${index + 1}::${type};`] : [])),
    ...olds.map((name, index) => `    ${name} := ec_made${index + 1};`),
    '  exception when others or assert_failure then',
    `    if ${NOT_OF_THE_VALUE} then raise; end if;`,
    ...olds.map((name) => `    ${name} := null;`),
    '  end;',
    'end',
  ].join('\n')
  const out = shape.old.map((column, index) => `OUT ${olds[index]} ${plainType(column)}`)
  return [
    `CREATE OR REPLACE FUNCTION ${digestFunction(shape)}(${newTypes.join(', ')}) RETURNS pg_catalog.text LANGUAGE plpgsql STABLE
${settings.join(' ')} AS ${dollarQuoted(digest)}`,
    `CREATE OR REPLACE FUNCTION ${valueFunction(shape)}(${[...keyTypes, ...newTypes, ...out].join(', ')}, OUT ec_exact boolean) LANGUAGE plpgsql STABLE
SET search_path = ${pathOf(shape)} AS ${dollarQuoted(value)}`,
  ]
}

/** By the catalog: a function has the types of its columns in its name. */
export function dropRestoreParts(shape: Pick<SyncShape, 'controlSchema' | 'migration'>): readonly string[] {
  const names = ['~restore_digest_', '~restore_value_'].map((prefix) =>
    literal(`${prefix}${hashOf(shape.migration.id)}`),
  )
  return [
    `DO ${dollarQuoted(`declare each regprocedure; begin
  for each in select p.oid from pg_catalog.pg_proc p where p.pronamespace = ${literal(quoteIdentifier(shape.controlSchema))}::pg_catalog.regnamespace
      and p.proname in (${names.join(', ')}) loop
    execute pg_catalog.format('drop function %s', each);
  end loop; end`)}`,
    `DROP TABLE IF EXISTS ${scratchTable(shape)}`,
  ]
}

const field = (row: string, name: string): string => `${row}.${quoteIdentifier(name)}`

/** The call for a row that is spelled `row`. */
const valuesOf = ({ shape, key }: RestoreParts, row: string): string =>
  `${valueFunction(shape)}(${[...key, ...shape.new].map(({ name }) => field(row, name)).join(', ')})`

const empty = ({ old }: SyncShape, row: string): string =>
  old.map(({ name }) => `${field(row, name)} is not distinct from null`).join(' and ')

const fillFrom = (parts: RestoreParts, row: string): string =>
  `select ${oldNames(parts.shape)
    .map((name) => `f.${name}`)
    .join(
      ', ',
    )} into ${parts.shape.old.map(({ name }) => field('new', name)).join(', ')} from ${valuesOf(parts, row)} f;`

/**
 * What the sync trigger does first while a restore runs. What a batch stores is left alone: by the rule of `contract` an old value that is set alone
 * would have the new one made from it. A row that moves to another partition is an INSERT there, and gets its own value at once, also
 * one that has not been restored yet.
 */
export const duringRestore = (parts: RestoreParts): readonly string[] => [
  `if current_setting('${RESTORE_SETTING}', true) = ${literal(parts.shape.migration.id)} then return new; end if;`,
  `if tg_op = 'INSERT' and ${empty(parts.shape, 'new')} then`,
  `  ${fillFrom(parts, 'new')}`,
  '  return new;',
  'end if;',
]

/** Keeps all but the old columns as they were, whatever triggers of the application have done to a row in a batch. */
export function keepRestored(
  parts: RestoreParts,
  member: BackfillMember,
): { readonly create: string; readonly drop: string } {
  const { migration } = parts.shape
  const name = quoteIdentifier(`~~expand_contract_keep_${hashOf(migration.id)}`)
  const [fn, table] = [`${quoteIdentifier(member.name.schema)}.${name}`, quoteTable(member.name)]
  const body = ['begin', '  new := old;', `  ${fillFrom(parts, 'old')}`, '  return new;', 'end'].join('\n')
  return {
    create: `CREATE OR REPLACE FUNCTION ${fn}() RETURNS trigger LANGUAGE plpgsql AS ${dollarQuoted(body)};
      CREATE OR REPLACE TRIGGER ${name} BEFORE UPDATE ON ${table} FOR EACH ROW
        WHEN (pg_catalog.current_setting('${RESTORE_SETTING}', true) = ${literal(migration.id)}) EXECUTE FUNCTION ${fn}();
      ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${name};`,
    drop: `DROP TRIGGER IF EXISTS ${name} ON ${table}; DROP FUNCTION IF EXISTS ${fn}()`,
  }
}

/**
 * Restores the rows of a range that have nothing yet, and only those for which there is something. A row that a writer has changed meanwhile is in
 * another place, so it is left for the next pass, which sees what it says by then.
 */
export function restoreRange(parts: RestoreParts, member: BackfillMember, { from, to }: TidRange): string {
  const { shape } = parts
  const table = quoteTable(member.name)
  const olds = oldNames(shape)
  const range = (row: string): string => `${row}.ctid >= ${tidLiteral(from)} AND ${row}.ctid < ${tidLiteral(to)}`
  const sets = shape.old.map(({ name }, index) => `${quoteIdentifier(name)} = w.${olds[index]}`)
  return `WITH filled AS (UPDATE ONLY ${table} AS t SET ${sets.join(', ')}
    FROM (SELECT s.ctid AS ec_at, f.* FROM ONLY ${table} AS s, LATERAL ${valuesOf(parts, 's')} AS f WHERE ${range('s')} AND ${empty(shape, 's')} OFFSET 0) AS w
    WHERE t.ctid = w.ec_at AND ${range('t')} AND ${empty(shape, 't')} AND (${olds.map((name) => `w.${name} IS DISTINCT FROM NULL`).join(' OR ')})
    RETURNING w.ec_exact)
  SELECT pg_catalog.count(*)::pg_catalog.int4 AS rows, (pg_catalog.pg_relation_filenode(${member.oid}) = ${member.filenode}) AS same FROM filled`
}

/** What has become of all rows, in one snapshot. */
export function restoredRows(parts: RestoreParts): string {
  const { shape, key } = parts
  const [scratch, table] = [scratchTable(shape), qualified(shape.table.schema, shape.table.name)]
  const equal = key.map(({ equals, name }, index) => `s.k${index + 1} ${equals} ${field('t', name)}`).join(' AND ')
  const exact = `s.digest = ${digestFunction(shape)}(${shape.new.map(({ name }) => field('t', name)).join(', ')})`
  const count = (condition: string, name: string): string =>
    `pg_catalog.count(*) FILTER (WHERE ${condition})::pg_catalog.text AS ${name}`
  return `SELECT pg_catalog.count(*)::pg_catalog.text AS rows, ${[
    count(exact, 'exact'),
    count(`(${exact}) IS NOT TRUE AND NOT (${empty(shape, 't')})`, 'mapped'),
    count(`(${exact}) IS NOT TRUE AND ${empty(shape, 't')}`, 'empty'),
    count('s.digest IS NOT NULL', 'kept'),
  ].join(', ')} FROM ${table} AS t LEFT JOIN ${scratch} AS s ON ${equal}`
}
