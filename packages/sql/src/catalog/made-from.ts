import type { Decision, Migration, Side } from '@expand-contract/core'
import type { BoundMigration, MadeFrom, RelationFacts } from './catalog.ts'

/** undefined for a table that was not made from the other. */
export function madeFrom(
  facts: RelationFacts,
  table: RelationFacts,
  migrations: readonly Migration[],
): MadeFrom | undefined {
  // The table of that name in another schema is what it is: a migration that names its schema concerns one alone.
  if (facts.kind !== 'table' || facts.parents.length > 0 || facts.name === table.name) return undefined
  const migrating = new Set(migrations.flatMap((migration) => [...migration.old, ...migration.new].map(nameOf)))
  const rest = ({ columns }: RelationFacts): readonly string[] =>
    columns
      .filter(({ name }) => !migrating.has(name))
      .map(({ name, type }) => JSON.stringify([name, type.declared]))
      .toSorted()
  const [own, theirs] = [rest(facts), rest(table)]
  if (own.length !== theirs.length || own.some((column, index) => column !== theirs[index])) return undefined
  const typesDiffer = facts.columns.some(({ name, type }) => {
    const other = table.columns.find((column) => column.name === name)
    return other !== undefined && other.type.declared !== type.declared
  })
  const has = hasAllOf(facts)
  if (typesDiffer || !migrations.every((migration) => has(migration.old) || has(migration.new))) return undefined
  const added = migrations.filter((migration) => has(migration.new))
  // Of a table that has no new column yet, nothing can have been made that has one.
  if (added.length === 0 || !added.every((migration) => hasAllOf(table)(migration.new))) return undefined
  if (migrations.some((migration) => has(migration.old) && has(migration.new)) && !isLike(facts, table, migrations))
    return undefined
  return table.partitioned && !facts.temporary ? 'partition' : 'copy'
}

const hasAllOf =
  (facts: RelationFacts) =>
  (columns: Migration['old']): boolean =>
    columns.every(({ name }) => facts.columns.some((column) => column.name === name))

/**
 * A table with the columns of both sides may have either of its own. Only one that has them in the order of the other table,
 * and not before that has them, is taken for its copy: to hide a column of a table that only looks like one would be wrong and silent, while
 * rows of a copy that is not known as one come with a column too many, which PostgreSQL refuses (42601).
 */
function isLike(facts: RelationFacts, table: RelationFacts, migrations: readonly Migration[]): boolean {
  const there = table.columns.map(nameOf)
  const shared = facts.columns.map(nameOf).filter((name) => there.includes(name))
  const added = migrations.flatMap((migration) => migration.new.map(nameOf))
  return shared.join('\0') === there.join('\0') && added.every((name) => there.includes(name))
}

/** What is read and written of such a table, given what is of the one that it was made from. */
export function decisionFor({ made, migration, physical }: BoundMigration, decision: Decision): Decision {
  if (made === undefined) return decision
  if (physical !== 'both') return only(physical === 'old' ? 'old' : 'new')
  if (made === 'partition') return decision.write === 'new' ? decision : { ...decision, read: 'old' }
  const { app } = migration
  return made === 'copy' ? only(app) : { read: app, write: 'both' }
}

/** True where a copy has the other columns without a default, and takes no row without them. */
export function needsOther({ columns }: RelationFacts, migration: Migration): boolean {
  const others = migration[migration.app === 'old' ? 'new' : 'old'].map(nameOf)
  return columns.some(
    ({ name, notNull, default: value, identity }) =>
      others.includes(name) && notNull && value === undefined && identity === undefined,
  )
}

const only = (side: Side): Decision => ({ read: side, write: side })

const nameOf = ({ name }: { readonly name: string }): string => name
