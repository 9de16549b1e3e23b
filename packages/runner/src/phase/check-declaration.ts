import { type MigrationRecord, recordedDeclaration } from '@expand-contract/control'
import { type Migration, shellWord } from '@expand-contract/core'
import type { MigrationFacts } from '../facts.ts'
import { runnerError } from '../runner-error.ts'

/**
 * Refuses a declaration that maps other columns, or maps them otherwise, than the one that the migration was begun with: rows would be filled by one
 * mapping and kept in step by another, what was verified would prove nothing, and a rollback would drop a column that is not the migration's.
 * Types are not looked at: two ways to declare spell them differently, and `expand` compares them with the columns themselves.
 * @throws EC_DECLARATION_CHANGED
 */
export function checkDeclaration(migration: Migration, { declaration: begun, phase }: MigrationRecord): void {
  const now = recordedDeclaration(migration)
  const changes = [
    ...(now.table.name === begun.table.name ? [] : [`the table was ${JSON.stringify(begun.table.name)}`]),
    ...(now.table.schema === null || begun.table.schema === null || now.table.schema === begun.table.schema
      ? []
      : [`the table's schema was ${JSON.stringify(begun.table.schema)}`]),
    ...changedKeys('old', now.old, begun.old),
    ...changedKeys('new', now.new, begun.new),
    ...changedValues('forward', now.forward, begun.forward),
    ...changedValues('backward', now.backward, begun.backward),
  ]
  if (changes.length === 0) return
  const { id } = migration
  throw runnerError('EC_DECLARATION_CHANGED', {
    message: `The declaration of ${id} is not the one that it was begun with (phase ${phase}): ${changes.join('; ')}. Nothing was changed.`,
    hint: `Declare it as it was; to begin with another declaration, roll back first, with the one of before: expand-contract rollback ${shellWord(id)}`,
    migration: id,
  })
}

/**
 * The same where `expand` or `rollback` may find nothing in force: what was rolled back may begin with another declaration, but not before its trigger, and
 * with it its columns, are gone.
 * @throws EC_DECLARATION_CHANGED
 */
export function checkDeclarationInForce(
  migration: Migration,
  record: MigrationRecord | undefined,
  { trigger }: MigrationFacts,
): void {
  if (record !== undefined && (record.phase !== 'off' || trigger?.functionHash !== undefined))
    checkDeclaration(migration, record)
}

type Named = Readonly<Record<string, string | null>>

function changedKeys(side: 'old' | 'new', now: Named, begun: Named): readonly string[] {
  const [ours, theirs] = [now, begun].map((columns) => Object.keys(columns).sort().join('", "'))
  return ours === theirs ? [] : [`the ${side} columns were "${theirs}"`]
}

/** Of columns that are on both: others are told of already. */
function changedValues(way: 'forward' | 'backward', now: Named, begun: Named): readonly string[] {
  const changed = Object.keys(begun).filter((name) => Object.hasOwn(now, name) && now[name] !== begun[name])
  return changed.map((name) => `${way} of ${JSON.stringify(name)} was ${begun[name]}`)
}
