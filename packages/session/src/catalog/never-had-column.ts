import { type CatalogPhases, isContracted, type Migration, quoteTable, type Runtime } from '@expand-contract/core'
import type { BoundMigration, Plan } from '@expand-contract/sql'
import { isDoubtful, type OldColumnsSeen } from './old-columns-seen.ts'
import { refusedText } from './refused-text.ts'

/** The reason of a plan that is refused here. */
export const NEVER_HAD = 'never-had-column'

export interface KnownOfColumns {
  readonly runtime: Pick<Runtime, 'phaseOf'>
  readonly oldColumns: Pick<OldColumnsSeen, 'has'>
}

/**
 * A misspelt old column looks like the end of a migration, and the new column alone would be written. undefined for a plan
 * that touches no such table, or one of a migration that is said to be finished.
 */
export function refusedForNeverHad(
  text: string,
  { touches, command }: Plan,
  { runtime, oldColumns }: KnownOfColumns,
  phases: CatalogPhases | undefined,
): Plan | undefined {
  // Every statement on a migrating table comes by.
  let doubtful = false
  for (const bound of touches) doubtful ||= isDoubtful(bound)
  if (!doubtful) return undefined
  const found = touches.filter(
    (bound) =>
      isDoubtful(bound) &&
      !oldColumns.has(bound.migration.id) &&
      !isContracted(runtime.phaseOf(bound.migration, phases)),
  )
  if (found.length === 0) return undefined
  const migrations = [...new Set(found.map(({ migration }) => migration))]
  return refusedText(text, {
    command,
    code: NEVER_HAD,
    message: migrations.map((migration) => explained(migration, found)).join(' '),
    migrations,
  })
}

function explained({ id, table, new: added }: Migration, found: readonly BoundMigration[]): string {
  const missing = found.find(({ migration }) => migration.id === id)?.neverHad ?? []
  const [there, not] = [added.map(({ name }) => name), missing].map((names) =>
    names.map((name) => JSON.stringify(name)),
  )
  return `The table ${quoteTable(table)} has ${there?.join(', ')} and not ${not?.join(', ')}, and never had: no column of it was dropped. Either ${not?.join(', ')} is misspelt in the migration ${id}, or the migration is finished, and the table was made anew or restored from a dump.`
}

/** What to do about it, for the error. */
export const neverHadHint = (migrations: readonly string[]): string =>
  `Correct the old column in the declaration. If the migration is finished, record it: createRuntime({ ..., phases: fixedPhases({ ${migrations.map((id) => `${JSON.stringify(id)}: 'contract'`).join(', ')} }) }).`
