import { quoteIdentifier } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import type { ControlPlace } from '../control-schema.ts'
import type { RunnerClient } from '../runner-client.ts'
import { qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import type { SyncStatement } from '../sql/sync-trigger.ts'
import { indexSignature } from './index-sql.ts'
import { ParityContext } from './parity-context.ts'
import type { ParityIndex } from './parity-facts.ts'
import { readParityFacts } from './read-parity-facts.ts'

/** What one index of a table alone can have, on its way to the index of the new column: replica identity, CLUSTER mark. */
export interface IndexMark {
  /** As `readDependents` calls it, without quotes: `replica identity public.users_name_idx`. */
  readonly what: string
  readonly statement: SyncStatement
}

/** What `drop` moves by itself, but for the marks of a primary key's index, which go with the key. What has no counterpart, or stands on a partitioned table, is left to people. */
export async function readIndexMarks(
  client: RunnerClient,
  shape: SyncShape,
  place: ControlPlace,
): Promise<readonly IndexMark[]> {
  await loadParser()
  const facts = await readParityFacts(client, shape.migration, place)
  return facts === undefined ? [] : indexMarks(new ParityContext(shape, facts))
}

export const indexMarks = (context: ParityContext): readonly IndexMark[] =>
  context.facts.indexes.flatMap((index) => {
    const to =
      index.valid && !index.primary && context.concerns(index.columns) ? counterpartOf(context, index) : undefined
    return to === undefined ? [] : marksOf(context, index, to)
  })

function counterpartOf(context: ParityContext, index: ParityIndex): ParityIndex | undefined {
  const signature = indexSignature(context, index, 'old')
  return context.facts.indexes.find(
    (each) =>
      each.member === index.member &&
      each.valid &&
      each.kind === 'i' &&
      indexSignature(context, each, 'new') === signature,
  )
}

function marksOf(context: ParityContext, index: ParityIndex, to: ParityIndex): readonly IndexMark[] {
  const { schema, name: table } = context.member(index.member)
  const at = `ALTER TABLE ${qualified(schema, table)}`
  const name = quoteIdentifier(to.name)
  const identity: IndexMark = {
    what: `replica identity ${schema}.${index.name}`.replaceAll('"', ''),
    statement: {
      sql: `${at} REPLICA IDENTITY USING INDEX ${name}`,
      why: 'Else updates and deletes could not be replicated.',
    },
  }
  const cluster: IndexMark = {
    what: `CLUSTER mark of ${index.name}`.replaceAll('"', ''),
    statement: { sql: `${at} CLUSTER ON ${name}`, why: 'So that CLUSTER knows the order.' },
  }
  return [...(index.replicaIdentity ? [identity] : []), ...(index.clustered ? [cluster] : [])]
}
