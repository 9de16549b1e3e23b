import { createHash } from 'node:crypto'
import { quoteIdentifier, quoteTable } from '@expand-contract/core'
import type { BackfillMember } from '../rows/member.ts'
import { type TidRange, tidLiteral } from '../rows/tid-range.ts'
import { mappingSql } from '../sql/mapping-sql.ts'
import { dollarQuoted, NOT_OF_THE_VALUE, pathOf } from '../sql/sync-function.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import type { BackupKeyColumn, RowColumn } from './backup-key.ts'
import { digestSql, plainType, VALUE_SETTINGS } from './backup-sql.ts'

/** What a restore works with, in the control schema, until it is done. */
export interface RestoreParts {
  readonly shape: SyncShape
  readonly key: readonly BackupKeyColumn[]
  /** What rows are told by where the table has no key. */
  readonly whole?: readonly RowColumn[] | undefined
}

/** The setting by which the sync trigger knows that a value is restored. */
export const RESTORE_SETTING = 'expand_contract.restore'

export const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 16)

export const scratchName = (id: string): string => `~restore_${hashOf(id)}`

/** A name of what a restore works with. */
export const inControl = (
  { controlSchema, migration }: Pick<SyncShape, 'controlSchema' | 'migration'>,
  prefix: string,
): string => qualified(controlSchema, `${prefix}${hashOf(migration.id)}`)

export const scratchTable = (shape: Pick<SyncShape, 'controlSchema' | 'migration'>): string =>
  inControl(shape, '~restore_')
/** Of a backup without key: every row and old value once, and every value of the new columns once. */
export const rowsTable = (shape: Pick<SyncShape, 'controlSchema' | 'migration'>): string =>
  inControl(shape, '~restore_rows_')
export const newsTable = (shape: Pick<SyncShape, 'controlSchema' | 'migration'>): string =>
  inControl(shape, '~restore_news_')
export const digestFunction = (shape: SyncShape): string => inControl(shape, '~restore_digest_')
export const valueFunction = (shape: SyncShape): string => inControl(shape, '~restore_value_')

/** The parameters of both functions: what has to be known of a row. */
const keyNames = (key: readonly BackupKeyColumn[]): readonly string[] => key.map((_, index) => `ec_k${index + 1}`)
export const newNames = ({ new: added }: SyncShape): readonly string[] => added.map((_, index) => `ec_n${index + 1}`)
export const oldNames = ({ old }: SyncShape): readonly string[] => old.map((_, index) => `ec_o${index + 1}`)

/**
 * Two functions: the digest of a row, spelled as it was when the backup was taken; and what the old columns of a row are to be: what was backed
 * up for its key where the new columns still say the same, else what the mapping makes of these, and NULL where it has no value.
 */
export function restoreFunctions({ shape, key }: RestoreParts): readonly string[] {
  const [keys, news, olds] = [keyNames(key), newNames(shape), oldNames(shape)]
  const newTypes = parametersOfNew(shape)
  const keyTypes = key.map(({ type }, index) => `${keys[index]} ${type}`)
  const equal = key.map(({ equals }, index) => `s.k${index + 1} ${equals} ${keys[index]}`)
  const value = [
    '#variable_conflict use_variable',
    'declare',
    ...madeVariables(shape),
    'begin',
    `  select ${shape.old.map((_, index) => `s.o${index + 1}`).join(', ')}, true into ${[...olds, 'ec_exact'].join(', ')} from ${scratchTable(shape)} s`,
    `    where ${equal.join(' and ')} and s.digest = ${digestFunction(shape)}(${news.join(', ')}) limit 1;`,
    '  if ec_exact then return; end if;',
    '  ec_exact := false;',
    ...makeOlds(shape),
    'end',
  ].join('\n')
  const out = outOlds(shape)
  return [
    digestOf(digestFunction(shape), newTypes, news),
    `CREATE OR REPLACE FUNCTION ${valueFunction(shape)}(${[...keyTypes, ...newTypes, ...out].join(', ')}, OUT ec_exact boolean) LANGUAGE plpgsql STABLE
SET search_path = ${pathOf(shape)} AS ${dollarQuoted(value)}`,
  ]
}

/** A function that gives the digest of its parameters, spelled as they are in a backup. */
export const digestOf = (name: string, parameters: readonly string[], values: readonly string[]): string =>
  `CREATE OR REPLACE FUNCTION ${name}(${parameters.join(', ')}) RETURNS pg_catalog.text LANGUAGE plpgsql STABLE
${FUNCTION_SETTINGS} AS ${dollarQuoted(`begin return ${digestSql(values)}; end`)}`

/** Of a function that spells values. */
export const FUNCTION_SETTINGS = Object.entries(VALUE_SETTINGS)
  .map(([name, value]) => `SET ${name} = ${value}`)
  .join(' ')

export const parametersOfNew = (shape: SyncShape): readonly string[] =>
  shape.new.map(({ type }, index) => `${newNames(shape)[index]} ${type}`)

export const outOlds = (shape: SyncShape): readonly string[] =>
  shape.old.map((column, index) => `OUT ${oldNames(shape)[index]} ${plainType(column)}`)

export const madeVariables = ({ old }: SyncShape): readonly string[] =>
  old.map((column, index) => `  ec_made${index + 1} ${plainType(column)};`)

/** The old columns as the mapping makes them, NULL where it has no value. */
export function makeOlds(shape: SyncShape): readonly string[] {
  const [news, olds] = [newNames(shape), oldNames(shape)]
  const made = mappingSql(shape, 'old', (column) => news[shape.new.findIndex(({ name }) => name === column)] ?? column)
  return [
    '  begin',
    ...made.map(({ sql }, index) => `    ec_made${index + 1} := ${sql};`),
    ...shape.old.flatMap(({ domain, type }, index) => (domain ? [`    perform ec_made${index + 1}::${type};`] : [])),
    ...olds.map((name, index) => `    ${name} := ec_made${index + 1};`),
    '  exception when others or assert_failure then',
    `    if ${NOT_OF_THE_VALUE} then raise; end if;`,
    ...olds.map((name) => `    ${name} := null;`),
    '  end;',
  ]
}

/** By the catalog: a function has the types of its columns in its name. */
export function dropRestoreParts(shape: Pick<SyncShape, 'controlSchema' | 'migration'>): readonly string[] {
  const names = literal(`^~restore_(digest|value|row[0-9]+)_${hashOf(shape.migration.id)}$`)
  return [
    `DO ${dollarQuoted(`declare each regprocedure; begin
  for each in select p.oid from pg_catalog.pg_proc p where p.pronamespace = ${literal(quoteIdentifier(shape.controlSchema))}::pg_catalog.regnamespace
      and p.proname ~ ${names} loop
    execute pg_catalog.format('drop function %s', each);
  end loop; end`)}`,
    `DROP TABLE IF EXISTS ${[scratchTable(shape), rowsTable(shape), newsTable(shape)].join(', ')}`,
  ]
}

export const field = (row: string, name: string): string => `${row}.${quoteIdentifier(name)}`

/** The call for a row that is spelled `row`. */
const valuesOf = ({ shape, key }: RestoreParts, row: string): string =>
  `${valueFunction(shape)}(${[...key, ...shape.new].map(({ name }) => field(row, name)).join(', ')})`

export const empty = ({ old }: SyncShape, row: string): string =>
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
  // Without a key it is another row there: it got its value as an UPDATE, before it has moved.
  ...(parts.whole === undefined
    ? [
        `if tg_op = 'INSERT' and ${empty(parts.shape, 'new')} then`,
        `  ${fillFrom(parts, 'new')}`,
        '  return new;',
        'end if;',
      ]
    : []),
]

/** A row that no key tells is given its value once. */
const kept = (parts: RestoreParts): readonly string[] =>
  parts.whole === undefined
    ? ['begin', '  new := old;', `  ${fillFrom(parts, 'old')}`]
    : [
        ...['declare', '  given record;', 'begin', '  given := new;', '  new := old;'],
        ...parts.shape.old.map(({ name }) => `  ${field('new', name)} := ${field('given', name)};`),
      ]

/** Keeps all but the old columns as they were, whatever triggers of the application have done to a row in a batch. */
export function keepRestored(
  parts: RestoreParts,
  member: BackfillMember,
): { readonly create: string; readonly drop: string } {
  const { migration } = parts.shape
  const name = quoteIdentifier(`~~expand_contract_keep_${hashOf(migration.id)}`)
  const [fn, table] = [`${quoteIdentifier(member.name.schema)}.${name}`, quoteTable(member.name)]
  const body = [...kept(parts), '  return new;', 'end'].join('\n')
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
