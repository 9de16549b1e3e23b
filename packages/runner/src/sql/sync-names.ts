import { type Migration, quoteIdentifier } from '@expand-contract/core'
import { syncTriggerName } from '@expand-contract/sql'

/** The names of all that keeps a migration in step in the database. They are hashed: PostgreSQL cuts names at 63 bytes. */
export interface SyncNames {
  /** The trigger that must exist. `~` sorts behind every ASCII letter, so it sees what other BEFORE triggers have made of the row. */
  readonly trigger: string
  /** The one that fills a value for the triggers between, where one of them names a migrating column. `!` sorts before letters. */
  readonly firstTrigger: string
  /** Within the control schema: the function of both, the helper of their WHEN, the counter of bypassing writers and its samples. */
  readonly function: string
  readonly helper: string
  readonly counter: string
  readonly samples: string
  /** The setting of a session that holds the minute in which it was last sampled. */
  readonly setting: string
}

export function syncNames(migration: Pick<Migration, 'id'>): SyncNames {
  const trigger = syncTriggerName(migration.id)
  const hash = trigger.slice(trigger.lastIndexOf('_') + 1)
  return {
    trigger,
    firstTrigger: `!${trigger.slice(1)}`,
    function: `sync_${hash}`,
    helper: `in_step_${hash}`,
    counter: `bypass_${hash}`,
    samples: `bypass_sample_${hash}`,
    setting: `expand_contract.sampled_${hash}`,
  }
}

/** A text as a literal, the same whatever standard_conforming_strings is. */
export const literal = (text: string): string =>
  text.includes('\\') ? `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` : `'${text.replaceAll("'", "''")}'`

/** A name with its schema. */
export const qualified = (schema: string, name: string): string => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
