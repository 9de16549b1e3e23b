import { quoteIdentifier, quoteTable } from '@expand-contract/core'
import type { BackfillMember } from '../rows/member.ts'
import { type TidRange, tidLiteral } from '../rows/tid-range.ts'
import { dollarQuoted, pathOf } from '../sql/sync-function.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { triggeredMembers } from '../sql/sync-trigger.ts'
import { oldComesBack } from '../verify/differences.ts'
import type { RowColumn } from './backup-key.ts'
import { digestSql, partsOf, rowText, wholeDigest } from './backup-sql.ts'
import {
  digestFunction,
  digestOf,
  empty,
  FUNCTION_SETTINGS,
  field,
  hashOf,
  inControl,
  madeVariables,
  makeOlds,
  newNames,
  newsTable,
  oldNames,
  outOlds,
  parametersOfNew,
  RESTORE_SETTING,
  type RestoreParts,
  rowsTable,
  scratchTable,
  valueFunction,
} from './restore-sql.ts'

/** What a restore without a key works with. */
export interface KeylessParts extends RestoreParts {
  readonly whole: readonly RowColumn[]
}

export const isKeyless = (parts: RestoreParts): parts is KeylessParts => parts.whole !== undefined

const partFunction = (shape: SyncShape, part: number): string => inControl(shape, `~restore_row${part + 1}_`)

/** The columns of old values in a scratch table. */
const olds = ({ old }: SyncShape, alias: string): readonly string[] => old.map((_, index) => `${alias}.o${index + 1}`)

/**
 * Rows by what they hold, of the backup and of the table at this moment, and what follows from that for each. `certain` are those of an old value that are there
 * whichever have gone: with several values all of them but as many as are missing. `free`: there is one value for all of them; `hand`: each value goes to as many rows as had it
 * for certain. What is not there as it was is looked for by the new columns: `alike`: whoever said this had one old value, and no more rows came than
 * went; `unsure`: several, or more came; `none`: nobody who said this went, so that it is somebody new.
 * In the transaction that has loaded the scratch table, under the settings of a backup.
 */
export function judgeRows({ shape }: KeylessParts, now: string): readonly string[] {
  const [scratch, rows, news] = [scratchTable(shape), rowsTable(shape), newsTable(shape)]
  const values = (alias: string): string => olds(shape, alias).join(', ')
  const text = rowText('e', shape.old.length)
  return [
    `CREATE TABLE ${rows} AS SELECT x.*, CASE WHEN x.kinds = 1 AND ${oldComesBack(shape) ? 'true' : 'coalesce(n.rows, 0) <= x.total'} THEN 'free' ELSE 'hand' END AS rule,
      CASE WHEN x.kinds > 1 THEN greatest(x.copies - greatest(x.total - coalesce(n.rows, 0), 0), 0) ELSE x.copies END AS certain
    FROM (SELECT d.*, pg_catalog.count(*) OVER (PARTITION BY d.k1) AS kinds, pg_catalog.sum(d.copies) OVER (PARTITION BY d.k1) AS total
      FROM (SELECT DISTINCT ON (e.k1, ${text}) e.k1, ${values('e')}, e.digest, ${text} AS olds,
          pg_catalog.count(*) OVER (PARTITION BY e.k1, ${text}) AS copies FROM ${scratch} AS e ORDER BY e.k1, ${text}) AS d) AS x
      LEFT JOIN ${now} AS n ON n.k1 = x.k1`,
    `CREATE INDEX ON ${rows} (k1); ANALYZE ${rows}`,
    `DELETE FROM ${scratch} AS s USING (SELECT e.ctid AS at, r.certain, pg_catalog.row_number() OVER (PARTITION BY e.k1, r.olds) AS nr
      FROM ${scratch} AS e JOIN ${rows} AS r ON r.k1 = e.k1 AND r.olds = ${text} WHERE r.certain < r.copies) AS x WHERE s.ctid = x.at AND x.nr > x.certain`,
    `CREATE INDEX ON ${scratch} (k1)`,
    `CREATE TABLE ${news} AS SELECT g.*, CASE WHEN u.gone = 0 THEN 'none' WHEN g.uniform AND u.came <= u.gone THEN 'alike' ELSE 'unsure' END AS rule
    FROM (SELECT DISTINCT ON (r.digest) r.digest, ${values('r')}, r.olds,
        pg_catalog.min(r.olds) OVER (PARTITION BY r.digest) = pg_catalog.max(r.olds) OVER (PARTITION BY r.digest) AS uniform
      FROM ${rows} AS r ORDER BY r.digest, r.olds) AS g
    JOIN (SELECT coalesce(n.digest, k.digest) AS digest, pg_catalog.sum(greatest(coalesce(n.rows, 0) - coalesce(k.total, 0), 0)) AS came,
        pg_catalog.sum(greatest(coalesce(k.total, 0) - coalesce(n.rows, 0), 0)) AS gone
      FROM (SELECT DISTINCT ON (r.k1) r.k1, r.digest, r.total FROM ${rows} AS r ORDER BY r.k1) AS k FULL JOIN ${now} AS n ON n.k1 = k.k1
      GROUP BY 1) AS u ON u.digest = g.digest`,
    `CREATE INDEX ON ${news} (digest); ANALYZE ${news}`,
  ]
}

/** The digests of a row, and what its old columns are to be. A value that goes to one row is taken from the scratch table. */
export function keylessFunctions({ shape, whole }: KeylessParts): readonly string[] {
  const into = oldNames(shape).join(', ')
  const all = (alias: string): string => olds(shape, alias).join(', ')
  const given = olds(shape, 'x').map((value) => `${value} is distinct from null`)
  const nothing = olds(shape, 's').map((value) => `${value} is not distinct from null`)
  const body = [
    '#variable_conflict use_variable',
    'declare',
    '  ec_rule text;',
    ...madeVariables(shape),
    'begin',
    '  ec_exact := true;',
    `  select ${all('s')}, s.rule into ${into}, ec_rule from ${rowsTable(shape)} s where s.k1 = ec_k limit 1;`,
    "  if ec_rule = 'free' then return; end if;",
    "  if ec_rule = 'hand' then",
    `    delete from ${scratchTable(shape)} e where e.ctid = (select x.ctid from ${scratchTable(shape)} x where x.k1 = ec_k and (${given.join(' or ')})`,
    `      limit 1 for update skip locked) returning ${all('e')} into ${into};`,
    '    if found then return; end if;',
    // NULL is no value that could be given: a row that has none is asked for again in every pass.
    `    select ${all('s')} into ${into} from ${rowsTable(shape)} s where s.k1 = ec_k and s.certain > 0 and ${nothing.join(' and ')};`,
    '    if found then return; end if;',
    '  end if;',
    '  ec_exact := false;',
    `  select ${all('s')} into ${into} from ${newsTable(shape)} s where s.digest = ec_n and s.rule = 'alike';`,
    '  if found then return; end if;',
    ...makeOlds(shape),
    'end',
  ].join('\n')
  const parameters = ['ec_k text', 'ec_n text', ...parametersOfNew(shape), ...outOlds(shape), 'OUT ec_exact boolean']
  return [
    digestOf(digestFunction(shape), parametersOfNew(shape), newNames(shape)),
    ...partsOf(whole).map((part, nr) => {
      const names = part.map((_, index) => `ec_c${index + 1}`)
      const typed = part.map(({ type }, index) => `${names[index]} ${type}`)
      return digestOf(partFunction(shape, nr), typed, names)
    }),
    `CREATE OR REPLACE FUNCTION ${valueFunction(shape)}(${parameters.join(', ')}) LANGUAGE plpgsql
SET search_path = ${pathOf(shape)} AS ${dollarQuoted(body)}`,
  ]
}

/** The call for a row of which both digests are known. */
const valuesOf = ({ shape }: KeylessParts, digests: readonly string[], news: readonly string[]): string =>
  `${valueFunction(shape)}(${[...digests, ...news].join(', ')})`

/**
 * While a restore runs, a row that has no old value yet gets it ahead of its first change: afterwards nothing tells it any more. Partitions
 * have the trigger of their table, and a row that moves to another one is updated first.
 */
export function touchTriggers(parts: KeylessParts): {
  readonly create: readonly string[]
  readonly drop: readonly string[]
} {
  const { shape, whole } = parts
  const { migration } = shape
  const name = `~~expand_contract_touch_${hashOf(migration.id)}`
  const fn = qualified(shape.controlSchema, name)
  const news = (row: string): readonly string[] => shape.new.map((column) => field(row, column.name))
  const digests = [wholeDigest(whole.map((column) => field('old', column.name))), digestSql(news('old'))]
  const body = [
    'begin',
    `  if ${empty(shape, 'new')} and ${digestSql(news('new'))} = ${digestSql(news('old'))} then`,
    '    begin',
    `      select ${oldNames(shape)
      .map((column) => `f.${column}`)
      .join(', ')} into ${shape.old.map((column) => field('new', column.name)).join(', ')}`,
    `        from ${valuesOf(parts, digests, news('old'))} f;`,
    // The writer's own snapshot may be older than what a batch has taken; its statement must not fail by it.
    '    exception when serialization_failure then null;',
    '    end;',
    '  end if;',
    '  return new;',
    'end',
  ].join('\n')
  const roots = triggeredMembers(shape).map((member) => qualified(member.schema, member.name))
  const quoted = quoteIdentifier(name)
  return {
    create: [
      `CREATE OR REPLACE FUNCTION ${fn}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER ${FUNCTION_SETTINGS} AS ${dollarQuoted(body)}`,
      ...roots.flatMap((table) => [
        `CREATE OR REPLACE TRIGGER ${quoted} BEFORE UPDATE ON ${table} FOR EACH ROW WHEN (${empty(shape, 'old')}
          AND pg_catalog.current_setting('${RESTORE_SETTING}', true) IS DISTINCT FROM ${literal(migration.id)}) EXECUTE FUNCTION ${fn}()`,
        `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${quoted}`,
      ]),
    ],
    drop: [...roots.map((table) => `DROP TRIGGER IF EXISTS ${quoted} ON ${table}`), `DROP FUNCTION IF EXISTS ${fn}()`],
  }
}

/**
 * Restores the rows of a range that have nothing yet. `taken` are those for which there is something: where a writer has changed one of them meanwhile, fewer
 * are filled, and what was taken for it must be given back.
 */
export function keylessRange(parts: KeylessParts, member: BackfillMember, { from, to }: TidRange): string {
  const { shape, whole } = parts
  const table = quoteTable(member.name)
  const names = oldNames(shape)
  const range = (row: string): string => `${row}.ctid >= ${tidLiteral(from)} AND ${row}.ctid < ${tidLiteral(to)}`
  const sets = shape.old.map(({ name }, index) => `${quoteIdentifier(name)} = w.${names[index]}`)
  const news = shape.new.map(({ name }) => field('s', name))
  const digests = [
    wholeDigest(
      whole.map(({ name }) => field('s', name)),
      (values, part) => `${partFunction(shape, part)}(${values.join(', ')})`,
    ),
    `${digestFunction(shape)}(${news.join(', ')})`,
  ]
  const something = `(${names.map((name) => `w.${name} IS DISTINCT FROM NULL`).join(' OR ')})`
  return `WITH w AS MATERIALIZED (SELECT s.ctid AS ec_at, s.xmin AS ec_xmin, f.* FROM ONLY ${table} AS s, LATERAL ${valuesOf(parts, digests, news)} AS f
      WHERE ${range('s')} AND ${empty(shape, 's')}),
    filled AS (UPDATE ONLY ${table} AS t SET ${sets.join(', ')} FROM w
      WHERE t.ctid = w.ec_at AND t.xmin = w.ec_xmin AND ${range('t')} AND ${empty(shape, 't')} AND ${something} RETURNING 1)
  SELECT pg_catalog.count(*)::pg_catalog.int4 AS rows, (SELECT pg_catalog.count(*) FROM w WHERE ${something})::pg_catalog.int4 AS taken,
    (pg_catalog.pg_relation_filenode(${member.oid}) = ${member.filenode}) AS same FROM filled`
}
