import { quoteTable, type TableName } from '@expand-contract/core'
import type { RunnerClient } from '../runner-client.ts'

/** A table that holds rows of a migrating table itself: the table, a partition, an inheritance child. */
export interface BackfillMember {
  readonly oid: number
  readonly name: TableName & { readonly schema: string }
  /** `schema.name`, as PostgreSQL quotes it where it must. */
  readonly relation: string
  /** The file that its rows are in: VACUUM FULL, CLUSTER and rewriting ALTERs give it another. */
  readonly filenode: number
  /** Blocks that it has now. Rows that come later are written by the trigger, and rows that are updated are filled when touched. */
  readonly blocks: number
}

const MEMBERS = `
  WITH RECURSIVE family(oid) AS (
    SELECT pg_catalog.to_regclass($1)::oid
    UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON i.inhparent = f.oid
  )
  SELECT c.oid::int8::text AS oid, n.nspname AS schema, c.relname AS name,
    pg_catalog.format('%I.%I', n.nspname, c.relname) AS relation, pg_catalog.pg_relation_filenode(c.oid)::int8::text AS filenode,
    (pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int8)::text AS blocks
  FROM family f JOIN pg_catalog.pg_class c ON c.oid = f.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r'
  ORDER BY c.oid`

/** The tables in which rows of this one are, as they stand now. Foreign tables among its partitions hold none that can be filled here. */
export async function readMembers(client: RunnerClient, table: TableName): Promise<readonly BackfillMember[]> {
  const { rows } = await client.query(MEMBERS, [quoteTable(table)])
  return rows.map((row) => ({
    oid: Number(row.oid),
    name: { schema: String(row.schema), name: String(row.name) },
    relation: String(row.relation),
    filenode: Number(row.filenode),
    blocks: Number(row.blocks),
  }))
}
