import { type Migration, shellWord } from '@expand-contract/core'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError } from '../runner-error.ts'
import { scratchName } from './restore-sql.ts'

interface Place {
  readonly migration: Migration
  readonly controlSchema?: string | undefined
}

/** The checksum of the file that a restore has loaded and not finished yet; undefined: there is none. */
export async function readRestoring(
  client: RunnerClient,
  { migration, controlSchema = 'expand_contract' }: Place,
): Promise<string | undefined> {
  const { rows } = await client.query(
    `SELECT coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') AS file FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`,
    [controlSchema, scratchName(migration.id)],
  )
  return rows[0] === undefined ? undefined : String(rows[0].file)
}

/**
 * Until all rows have their old value again, NULL is no value: going on would make it one.
 * @throws EC_RESTORE_UNFINISHED
 */
export async function checkNotRestoring(client: RunnerClient, place: Place): Promise<void> {
  if ((await readRestoring(client, place)) === undefined) return
  const { id } = place.migration
  throw runnerError('EC_RESTORE_UNFINISHED', {
    message: `The restore of ${id} is not finished: rows have no old value yet, which is not what they had. Nothing was changed.`,
    hint: `Run \`expand-contract restore ${shellWord(id)}\` again, with the same file; it goes on where it stood.`,
    migration: id,
  })
}
