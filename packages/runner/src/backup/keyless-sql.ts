import { type BackedUp, rowText, selectRows } from './backup-sql.ts'

/**
 * Rows that no key tells apart, as a multiset: of the rows that hold the same, as many are the same as have the same old value on both sides.
 * Who holds something else by now is one row less and another one more.
 */
export function compareWholeRows(backedUp: BackedUp, scratch: string): string {
  const olds = backedUp.old.length
  const grouped = (rows: string): string =>
    `SELECT r.k1, ${rowText('r', olds)} AS olds, pg_catalog.count(*) AS copies FROM ${rows} AS r GROUP BY 1, 2`
  const sum = (value: string, name: string): string =>
    `coalesce(pg_catalog.sum(${value}), 0)::pg_catalog.text AS ${name}`
  return `SELECT ${[
    sum('k.same', 'same'),
    sum('least(k.here, k.there) - k.same', 'other'),
    `'0' AS changed`,
    sum('greatest(k.here - k.there, 0)', 'added'),
    sum('greatest(k.there - k.here, 0)', 'gone'),
  ].join(
    ', ',
  )} FROM (SELECT coalesce(t.k1, s.k1) AS k1, pg_catalog.sum(least(coalesce(t.copies, 0), coalesce(s.copies, 0))) AS same,
      pg_catalog.sum(coalesce(t.copies, 0)) AS here, pg_catalog.sum(coalesce(s.copies, 0)) AS there
    FROM (${grouped(`(${selectRows(backedUp)})`)}) AS t FULL JOIN (${grouped(scratch)}) AS s ON s.k1 = t.k1 AND s.olds = t.olds GROUP BY 1) AS k`
}

/** Rows of a backup whose new columns say what others say that had another old value. */
export function severalOlds({ old }: Pick<BackedUp, 'old'>, scratch: string): string {
  const olds = rowText('s', old.length)
  return `SELECT coalesce(pg_catalog.sum(n.rows), 0)::pg_catalog.text AS uncertain FROM (SELECT pg_catalog.count(*) AS rows FROM ${scratch} AS s
    GROUP BY s.digest HAVING pg_catalog.min(${olds}) <> pg_catalog.max(${olds})) AS n`
}
