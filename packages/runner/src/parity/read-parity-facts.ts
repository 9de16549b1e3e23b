import {
  DEFAULT_CONTROL_SCHEMA,
  openControl,
  readBackfills,
  readMigrations,
  readRanges,
} from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import type { ControlPlace } from '../control-schema.ts'
import { readFacts } from '../read-facts.ts'
import { inReadTransaction } from '../read-transaction.ts'
import type { RunnerClient } from '../runner-client.ts'
import { counterpartNames } from './counterpart-names.ts'
import type { ColumnElsewhere, ParityFacts } from './parity-facts.ts'
import { PARITY_QUERY, TAKEN_QUERY } from './parity-query.ts'

/**
 * Reads what depends on the migrating columns of a table, in one short read-only transaction; undefined where the table is not there.
 * `loadParser` of `@expand-contract/sql` must have been awaited.
 */
export async function readParityFacts(
  client: RunnerClient,
  migration: Migration,
  place: ControlPlace = {},
): Promise<ParityFacts | undefined> {
  const { table, control } = await readFacts(client, migration, place)
  if (table === undefined) return undefined
  const backfilled = control.exists && (await isBackfilled(client, migration.id, place))
  const elsewhere = control.exists ? await readElsewhere(client, migration.id, place) : []
  return inReadTransaction(client, async () => {
    await client.query("SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)")
    const columns = [...migration.old, ...migration.new].map(({ name }) => name)
    const { rows } = await client.query(PARITY_QUERY, [table.oid, columns])
    const read = JSON.parse(String(rows[0]?.facts)) as { readonly [Key in Listed]: ParityFacts[Key] | null }
    const facts = {
      members: read.members ?? [],
      indexes: read.indexes ?? [],
      constraints: read.constraints ?? [],
      statistics: read.statistics ?? [],
      dependents: read.dependents ?? [],
      publications: read.publications ?? [],
    }
    const named = [...facts.indexes, ...facts.constraints, ...facts.statistics]
    const names = named.flatMap(({ name }) => counterpartNames(migration, name, 'other'))
    const schemas = [...new Set([...facts.members, ...facts.statistics].map(({ schema }) => schema))]
    const found = await client.query(TAKEN_QUERY, [schemas, names])
    const taken = JSON.parse(String(found.rows[0]?.taken ?? 'null')) as readonly string[] | null
    return { ...facts, taken: taken ?? [], elsewhere, backfilled }
  })
}

type Listed = 'members' | 'indexes' | 'constraints' | 'statistics' | 'dependents' | 'publications'

async function isBackfilled(
  client: RunnerClient,
  migration: string,
  { controlSchema: schema = DEFAULT_CONTROL_SCHEMA }: ControlPlace,
): Promise<boolean> {
  const control = openControl(client, { schema })
  const [backfill] = await readBackfills(control, migration)
  const ranges = await readRanges(control, migration)
  return backfill !== undefined && ranges.length > 0 && ranges.every(({ finishedAt }) => finishedAt !== undefined)
}

/** Of migrations of one column into one other, and the columns that a split or a merge copies. */
async function readElsewhere(
  client: RunnerClient,
  migration: string,
  { controlSchema: schema = DEFAULT_CONTROL_SCHEMA }: ControlPlace,
): Promise<readonly ColumnElsewhere[]> {
  const records = await readMigrations(openControl(client, { schema }))
  return records.flatMap(({ id, phase, declaration: { table, old, new: added, forward } }) => {
    if (id === migration || phase === 'off' || phase === 'dropped') return []
    const [olds, news] = [Object.keys(old), Object.keys(added)]
    const alone = olds.length === 1 && news.length === 1
    return news.flatMap((to) => {
      const from = alone ? olds[0] : olds.find((name) => forward[to] === `column ${name}`)
      return from === undefined ? [] : [{ schema: table.schema, table: table.name, old: from, new: to }]
    })
  })
}
