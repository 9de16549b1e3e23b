import { qualified } from '../sql/sync-names.ts'
import { oldComesBack } from '../verify/differences.ts'
import { rowText, selectRows } from './backup-sql.ts'
import type { KeylessParts } from './keyless-restore-sql.ts'
import { newsTable, rowsTable } from './restore-sql.ts'

/** Rows of the table by what they hold, where the old columns are not there. */
export const rowsNow = ({ shape, whole }: KeylessParts): string =>
  `SELECT r.k1, r.digest, pg_catalog.count(*) AS rows FROM (${selectRows({
    ...{ table: qualified(shape.table.schema, shape.table.name), key: [], whole, old: [], new: shape.new },
  })}) AS r GROUP BY 1, 2`

const sum = (value: string, name: string): string => `coalesce(pg_catalog.sum(${value}), 0)::pg_catalog.text AS ${name}`

/** By the rule of a value of the new columns, where the mapping does not tell the same anyway. */
const ruleOf = ({ shape }: KeylessParts): string => (oldComesBack(shape) ? "'none'" : "coalesce(w.rule, 'none')")

/** What would become of the rows, before anything is changed. */
export const forecastRows = (parts: KeylessParts, now: string): string => {
  const [rows, news] = [rowsTable(parts.shape), newsTable(parts.shape)]
  const rest = (rule: string): string => `x.rest * (x.rule = '${rule}')::pg_catalog.int4`
  return `SELECT ${[
    sum('x.rows', 'rows'),
    sum('x.rows - x.rest', 'exact'),
    sum(rest('alike'), 'alike'),
    sum(rest('unsure'), 'ambiguous'),
    sum(rest('none'), 'mapped'),
    sum('least(x.rows, x.total)', 'kept'),
  ].join(
    ', ',
  )} FROM (SELECT n.rows, coalesce(k.total, 0) AS total, n.rows - least(n.rows, coalesce(k.certain, 0)) AS rest,
      CASE WHEN k.kinds > 1 AND n.rows < k.total THEN 'unsure' ELSE ${ruleOf(parts)} END AS rule
    FROM ${now} AS n LEFT JOIN (SELECT r.k1, pg_catalog.max(r.kinds) AS kinds, pg_catalog.max(r.total) AS total, pg_catalog.sum(r.certain) AS certain
        FROM ${rows} AS r GROUP BY 1) AS k ON k.k1 = n.k1
      LEFT JOIN ${news} AS w ON w.digest = n.digest) AS x`
}

/** What has become of all rows, in one snapshot, by the values that they have. Under the settings of a backup. */
export function keylessRestored(parts: KeylessParts): string {
  const { shape, whole } = parts
  const count = shape.old.length
  const all = selectRows({
    ...{ table: qualified(shape.table.schema, shape.table.name), key: [], whole, old: shape.old, new: shape.new },
  })
  const empty = shape.old.map((_, index) => `r.o${index + 1} IS NOT DISTINCT FROM NULL`).join(' AND ')
  const rest = (kind: string): string => `y.rest * (y.kind = '${kind}')::pg_catalog.int4`
  return `WITH t AS (SELECT r.k1, r.digest, ${rowText('r', count)} AS olds, ${empty} AS empty, pg_catalog.count(*) AS rows FROM (${all}) AS r GROUP BY 1, 2, 3, 4),
    k AS (SELECT DISTINCT ON (r.k1) r.k1, r.kinds, r.total FROM ${rowsTable(shape)} AS r ORDER BY r.k1),
    x AS (SELECT t.*, k.kinds, k.total, coalesce(b.copies, 0) AS copies, w.olds AS alike, coalesce(w.uniform, false) AS uniform, ${ruleOf(parts)} AS rule,
        pg_catalog.sum(t.rows) OVER (PARTITION BY t.k1) AS now, pg_catalog.row_number() OVER (PARTITION BY t.k1) AS nr
      FROM t LEFT JOIN k ON k.k1 = t.k1 LEFT JOIN ${rowsTable(shape)} AS b ON b.k1 = t.k1 AND b.olds = t.olds LEFT JOIN ${newsTable(shape)} AS w ON w.digest = t.digest),
    y AS (SELECT x.rows, x.rows - least(x.rows, greatest(x.copies - CASE WHEN x.kinds > 1 THEN greatest(x.total - x.now, 0) ELSE 0 END, 0)) AS rest,
        CASE WHEN x.nr = 1 THEN least(x.now, coalesce(x.total, 0)) ELSE 0 END AS kept,
        CASE WHEN x.kinds > 1 AND x.now < x.total THEN 'unsure' WHEN x.rule <> 'none' AND x.uniform AND x.alike = x.olds THEN 'alike'
          WHEN x.rule = 'unsure' THEN 'unsure' WHEN x.empty THEN 'empty' ELSE 'mapped' END AS kind FROM x)
  SELECT ${[
    sum('y.rows', 'rows'),
    sum('y.rows - y.rest', 'exact'),
    sum(rest('alike'), 'alike'),
    sum(rest('unsure'), 'ambiguous'),
    sum(rest('mapped'), 'mapped'),
    sum(rest('empty'), 'empty'),
    sum('y.kept', 'kept'),
  ].join(', ')} FROM y`
}
