import { quoteIdentifier } from '@expand-contract/core'
import { loadParser } from '@expand-contract/sql'
import type { ControlPlace } from '../control-schema.ts'
import type { RunnerClient } from '../runner-client.ts'
import { literal, qualified } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import type { SyncStatement } from '../sql/sync-trigger.ts'
import { timingOf } from './constraint-comment.ts'
import { indexSignature } from './index-sql.ts'
import { ParityContext } from './parity-context.ts'
import type { ParityFacts, ParityIndex } from './parity-facts.ts'
import { readParityFacts } from './read-parity-facts.ts'

/** What one index of a table alone can have, on its way to the index of the new column. */
export interface KeyMove {
  /** As `readDependents` calls it, without quotes: `primary key users_pkey ON public.users`. */
  readonly what: string
  readonly statements: readonly SyncStatement[]
}

/** What `drop` moves by itself. What has no counterpart, or stands on a partitioned table, is left to people. */
export async function readKeyMoves(
  client: RunnerClient,
  shape: SyncShape,
  place: ControlPlace,
): Promise<readonly KeyMove[]> {
  await loadParser()
  const facts = await readParityFacts(client, shape.migration, place)
  return facts === undefined ? [] : keyMoves(shape, facts)
}

function keyMoves(shape: SyncShape, facts: ParityFacts): readonly KeyMove[] {
  const context = new ParityContext(shape, facts, [])
  return facts.indexes.flatMap((index) => {
    const to = index.valid && context.concerns(index.columns) ? counterpartOf(context, index) : undefined
    return to === undefined ? [] : movesOf(context, index, to)
  })
}

/** A plain one, which no constraint has yet where the key needs it. */
function counterpartOf(context: ParityContext, index: ParityIndex): ParityIndex | undefined {
  const signature = indexSignature(context, index, 'old')
  return context.facts.indexes.find(
    (each) =>
      each.member === index.member &&
      each.valid &&
      each.kind === 'i' &&
      (!index.primary || (each.constraint === null && each.parent === null)) &&
      indexSignature(context, each, 'new') === signature,
  )
}

function movesOf(context: ParityContext, index: ParityIndex, to: ParityIndex): readonly KeyMove[] {
  const { schema, name: table } = context.member(index.member)
  const at = `ALTER TABLE ${qualified(schema, table)}`
  const key = index.primary ? context.facts.constraints.find(({ oid }) => oid === index.constraint) : undefined
  // The index gets the name of its constraint.
  const name = quoteIdentifier(key?.name ?? to.name)
  const moves: KeyMove[] = []
  if (key !== undefined) {
    const comment =
      key.comment === null
        ? []
        : [
            {
              sql: `COMMENT ON CONSTRAINT ${name} ON ${qualified(schema, table)} IS ${literal(key.comment)}`,
              why: `The comment of ${key.name}.`,
            },
          ]
    moves.push({
      what: `primary key ${key.name} ON ${schema}.${table}`,
      statements: [
        {
          sql: `${at} DROP CONSTRAINT ${name}, ADD CONSTRAINT ${name} PRIMARY KEY USING INDEX ${quoteIdentifier(to.name)}${timingOf(key)}`,
          why: 'The new column has the key from now on, by the index that it has already.',
        },
        ...comment,
      ],
    })
  }
  if (index.replicaIdentity)
    moves.push({
      what: `replica identity ${schema}.${index.name}`,
      statements: [
        { sql: `${at} REPLICA IDENTITY USING INDEX ${name}`, why: 'Else updates and deletes could not be replicated.' },
      ],
    })
  if (index.clustered)
    moves.push({
      what: `CLUSTER mark of ${index.name}`,
      statements: [{ sql: `${at} CLUSTER ON ${name}`, why: 'So that CLUSTER knows the order.' }],
    })
  return moves.map(({ what, statements }) => ({ what: what.replaceAll('"', ''), statements }))
}
