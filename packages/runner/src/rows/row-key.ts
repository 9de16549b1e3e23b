import { quoteTable } from '@expand-contract/core'
import type { RunnerClient } from '../runner-client.ts'
import type { BackfillMember } from './member.ts'
import { type TidRange, tidLiteral } from './tid-range.ts'

/** The columns of the primary key with their values as text, or the row's ctid where the table has none. */
export type RowKey = Readonly<Record<string, string>>

/** The key of the row at a place; undefined where there is none. */
export async function keyOf(
  client: RunnerClient,
  member: BackfillMember,
  { from, to }: TidRange,
): Promise<RowKey | undefined> {
  // The alias is one that no column has: a bare name is a column before it is a row.
  const { rows } = await client.query(
    `SELECT coalesce(
       pg_catalog.jsonb_object_agg(a.attname, pg_catalog.to_jsonb("~row") ->> a.attname) FILTER (WHERE a.attname IS NOT NULL),
       pg_catalog.jsonb_build_object('ctid', "~row".ctid::text))::text AS key
     FROM ONLY ${quoteTable(member.name)} AS "~row" LEFT JOIN pg_catalog.pg_index i ON i.indrelid = $1 AND i.indisprimary
       LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = $1 AND a.attnum = ANY (i.indkey)
     WHERE "~row".ctid >= ${tidLiteral(from)} AND "~row".ctid < ${tidLiteral(to)}
     GROUP BY "~row".ctid`,
    [member.oid],
  )
  return rows[0] === undefined ? undefined : (JSON.parse(String(rows[0].key)) as RowKey)
}
