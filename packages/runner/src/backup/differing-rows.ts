import { type BackedUp, rowText, sameKey, selectRows } from './backup-sql.ts'

const keys = ({ key }: BackedUp): readonly string[] => key.map((_, index) => `k${index + 1}`)

/** Rows that are not the same in table and backup, by their key, with what the table has of them. */
export function differingRows(backedUp: BackedUp, scratch: string): string {
  const count = backedUp.old.length
  const columns = keys(backedUp).map((name) => `coalesce(t.${name}, s.${name}) AS ${name}`)
  return `SELECT ${columns.join(', ')}, t.digest, CASE WHEN t.digest IS NOT NULL THEN ${rowText('t', count)} END AS olds
    FROM (${selectRows(backedUp)}) AS t FULL JOIN ${scratch} AS s ON ${sameKey('t', 's', backedUp.key)}
    WHERE t.digest IS DISTINCT FROM s.digest OR ${rowText('s', count)} IS DISTINCT FROM ${rowText('t', count)}`
}

/** How many of these are still as they were. */
export function unmovedRows(backedUp: BackedUp, differing: string): string {
  const olds = `CASE WHEN t.digest IS NOT NULL THEN ${rowText('t', backedUp.old.length)} END`
  return `SELECT pg_catalog.count(*)::pg_catalog.text AS faults
    FROM ${differing} AS d LEFT JOIN (${selectRows(backedUp)}) AS t ON ${sameKey('t', 'd', backedUp.key)}
    WHERE d.digest IS NOT DISTINCT FROM t.digest AND d.olds IS NOT DISTINCT FROM ${olds}`
}
