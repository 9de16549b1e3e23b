/**
 * Whether COALESCE with a NULL of the type takes what an assignment takes: no type of another category, but for those of
 * which a cast says so, nor one of the same that has no implicit cast in either direction. To strings everything may be
 * assigned, by way of its text. `money`, which may be assigned to numeric, is left out, since numeric would be no such type.
 */
export const strict = (
  type: string,
): string => `(${type}.typcategory NOT IN ('A', 'C', 'P', 'S', 'V', 'X') AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_cast k JOIN pg_catalog.pg_type s ON s.oid = k.castsource
  WHERE k.casttarget = ${type}.oid AND k.castcontext IN ('a', 'i') AND k.castsource <> ${type}.oid
    AND k.castsource <> 'pg_catalog.money'::pg_catalog.regtype AND NOT (s.typcategory = ${type}.typcategory AND EXISTS (
      SELECT FROM pg_catalog.pg_cast j WHERE j.castcontext = 'i' AND (j.castsource = k.castsource AND j.casttarget = k.casttarget
        OR j.castsource = k.casttarget AND j.casttarget = k.castsource)))))`

/**
 * The type that a domain stands for, by one level; of an array of domains that of their types, since a cast to it reaches the elements. NULL for
 * what stands for itself.
 */
export const underneath = (
  type: string,
): string => `CASE WHEN ${type}.typtype = 'd' THEN ${type}.typbasetype WHEN ${type}.typcategory = 'A' THEN (
    SELECT nullif(u.typarray, 0) FROM pg_catalog.pg_type e JOIN pg_catalog.pg_type u ON u.oid = e.typbasetype
    WHERE e.oid = ${type}.typelem AND e.typtype = 'd') END`

/** Facts of types by oid and modifier, for the types of columns that do not exist. One row each, in order. */
export const TYPE_QUERY = `
WITH RECURSIVE asked AS (
  SELECT u.nr, u.oid, ($2::pg_catalog.int4[])[u.nr] AS modifier
  FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS u(oid, nr)
), base(nr, oid, level) AS (
  SELECT a.nr, a.oid, 0 FROM asked a
  UNION ALL SELECT b.nr, ${underneath('t')}, b.level + 1
    FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.oid AND ${underneath('t')} IS NOT NULL
)
SELECT pg_catalog.format_type(a.oid, a.modifier) AS declared, pg_catalog.concat_ws(':', t.typlen, t.typalign) AS storage,
  ${strict('bt')}::pg_catalog.text AS strict, n.nspname AS schema, t.typname AS name,
  bn.nspname AS base_schema, bt.typname AS base_name, cn.nspname AS collation_schema, c.collname AS collation_name
FROM asked a
JOIN pg_catalog.pg_type t ON t.oid = a.oid
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
JOIN LATERAL (SELECT b.oid FROM base b WHERE b.nr = a.nr ORDER BY b.level DESC LIMIT 1) b ON true
JOIN pg_catalog.pg_type bt ON bt.oid = b.oid
JOIN pg_catalog.pg_namespace bn ON bn.oid = bt.typnamespace
LEFT JOIN pg_catalog.pg_collation c ON c.oid = t.typcollation
LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = c.collnamespace
ORDER BY a.nr`
