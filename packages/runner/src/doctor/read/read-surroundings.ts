import type { Migration } from '@expand-contract/core'
import { inReadTransaction } from '../../read-transaction.ts'
import type { RunnerClient } from '../../runner-client.ts'
import type { Surroundings } from '../table-facts.ts'
import { SURROUNDINGS_QUERY } from './surroundings-query.ts'

export interface ReadSurroundings {
  readonly oid: number
  readonly controlSchema: string
}

/** Names are printed with their schemas, so that a remedy can be pasted anywhere. */
export function readSurroundings(
  client: RunnerClient,
  migration: Migration,
  { oid, controlSchema }: ReadSurroundings,
): Promise<Surroundings> {
  return inReadTransaction(client, async () => {
    // It is one large query over little: compiling it takes ten times as long as running it.
    await client.query(
      "SELECT pg_catalog.set_config('search_path', 'pg_catalog', true), pg_catalog.set_config('jit', 'off', true)",
    )
    const names = (side: Migration['old']): readonly string[] => side.map(({ name }) => name)
    const values = [oid, names(migration.old), names(migration.new), controlSchema]
    const { rows } = await client.query(SURROUNDINGS_QUERY, values)
    const read = JSON.parse(String(rows[0]?.surroundings)) as {
      readonly [Key in keyof Surroundings]: Surroundings[Key] | null
    }
    return {
      members: read.members ?? [],
      dependents: read.dependents ?? [],
      functions: read.functions ?? [],
      triggers: read.triggers ?? [],
      constraints: read.constraints ?? [],
      referencing: read.referencing ?? [],
      columnGrants: read.columnGrants ?? [],
      listed: read.listed ?? [],
      subscriptions: read.subscriptions ?? [],
      alike: read.alike ?? [],
      namesakes: read.namesakes ?? [],
      sequences: read.sequences ?? [],
      wraparound: read.wraparound ?? [],
    }
  })
}
