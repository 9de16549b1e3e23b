import { type Migration, quoteIdentifier } from '@expand-contract/core'
import { runnerError } from '../runner-error.ts'
import { qualified } from '../sql/sync-names.ts'
import { columnBeside, originOf } from './columns-elsewhere.ts'
import { foreignKeyText } from './foreign-key-parity.ts'
import type { ParityConstraint, ParityFacts } from './parity-facts.ts'

/** Foreign keys of other tables to the new columns, beside one to the old ones. */
function pointingBack(
  migration: Migration,
  facts: ParityFacts,
): {
  readonly beside: readonly ParityConstraint[]
  readonly alone: readonly ParityConstraint[]
} {
  const { constraints, members } = facts
  const news = migration.new.map(({ name }) => name)
  const olds = migration.old.map(({ name }) => name)
  const to = ({ references }: ParityConstraint, names: readonly string[]): boolean =>
    references !== null &&
    members.some(({ oid }) => oid === references.oid) &&
    references.columns.some((column) => names.includes(column))
  const keysTo = (names: readonly string[]) =>
    constraints.filter((key) => key.type === 'f' && key.own && to(key, names))
  const keys = keysTo(news)
  // A table may lead here by several of its columns, and each of these keys rows of its own: one to the old column stands for one.
  const free = new Set(keysTo(olds))
  const beside = new Set<ParityConstraint>()
  const besideOf = ({ table }: ParityConstraint, column: string): string =>
    columnBeside(facts, { schema: table.schema, table: table.name }, column)
  const pair = (alike: (key: ParityConstraint, old: ParityConstraint) => boolean): void => {
    for (const key of keys) {
      const old = beside.has(key) ? undefined : [...free].find((each) => isOfTable(each, key) && alike(key, each))
      if (old === undefined) continue
      free.delete(old)
      beside.add(key)
    }
  }
  pair((key, old) => key.columns.join('\n') === old.columns.join('\n'))
  // That of the new column of a migration over there, beside that of its old one.
  pair((key, old) => key.columns.join('\n') === old.columns.map((name) => besideOf(old, name)).join('\n'))
  // Migrations of one table: a key to their new columns holds the same rows as one to the old columns of both.
  const own = new Set([...olds, ...news])
  for (const key of keys)
    if (keysTo(olds).some((old) => isOfTable(old, key) && rowsOf(facts, key, own) === rowsOf(facts, old, own)))
      beside.add(key)
  return { beside: keys.filter((key) => beside.has(key)), alone: keys.filter((key) => !beside.has(key)) }
}

/** Which columns lead where, told by the columns with which each migration began; `own` is one of them. */
function rowsOf(
  facts: ParityFacts,
  { columns, table, references }: ParityConstraint,
  own: ReadonlySet<string>,
): string {
  const from = { schema: table.schema, table: table.name }
  const to = { schema: references?.schema ?? '', table: references?.table ?? '' }
  const pairs = columns.map((column, index) => {
    const target = references?.columns[index] ?? ''
    return JSON.stringify([originOf(facts, from, column), own.has(target) ? null : originOf(facts, to, target)])
  })
  return pairs.toSorted().join()
}

const isOfTable = ({ table: one }: ParityConstraint, { table: other }: ParityConstraint): boolean =>
  one.schema === other.schema && one.name === other.name

/** What the new columns take along, and the tables, quoted, that are locked for it: DROP COLUMN refuses while a foreign key points at it. */
export function foreignKeysBack(
  migration: Migration,
  facts: ParityFacts | undefined,
): { readonly drops: readonly string[]; readonly tables: readonly string[] } {
  if (facts === undefined) return { drops: [], tables: [] }
  const news = migration.new.map(({ name }) => name)
  const { beside } = pointingBack(migration, facts)
  const tableOf = ({ table }: ParityConstraint): string => qualified(table.schema, table.name)
  const outgoing = facts.constraints.flatMap(({ type, member, columns, references }) =>
    type === 'f' &&
    references?.owned &&
    facts.members.some(({ oid }) => oid === member) &&
    columns.some((name) => news.includes(name))
      ? [qualified(references.schema, references.table)]
      : [],
  )
  return {
    drops: beside.map((key) => `ALTER TABLE ${tableOf(key)} DROP CONSTRAINT IF EXISTS ${quoteIdentifier(key.name)}`),
    tables: [...beside.map(tableOf), ...outgoing],
  }
}

/** @throws EC_ROLLBACK_DEPENDS, before the phase has changed */
export function checkDependents(
  migration: Migration,
  facts: ParityFacts,
  keys: readonly ParityConstraint[] = [],
): void {
  const news = migration.new.map(({ name }) => name)
  const { beside, alone } = pointingBack(migration, facts)
  const foreign = [...alone, ...beside.filter(({ table }) => !table.owned)]
  const found = [
    ...facts.dependents.filter(({ column }) => news.includes(column)).map(({ kind, name }) => `${kind} ${name}`),
    ...keys.map(({ name, table }) => `primary key ${name} of ${table.schema}.${table.name}`),
    ...foreign.map(({ name, table }) => `foreign key ${name} of ${table.schema}.${table.name}`),
    ...facts.publications
      .filter(({ columns }) => columns?.some((column) => news.includes(column)))
      .map(({ name }) => `publication ${name}`),
  ]
  if (found.length === 0) return
  const sql = alone.flatMap((key) => ledBack(migration, facts, key))
  throw runnerError('EC_ROLLBACK_DEPENDS', {
    message: `The new column of ${migration.id} cannot be dropped, since this depends on it: ${[...new Set(found)].join(', ')}. Nothing was changed.`,
    hint: ['Lead each back to the old column, or drop it, and run the command again.', ...sql].join('\n'),
    migration: migration.id,
  })
}

/** A foreign key of another table as it is over the old columns; undefined where these are not one each. */
function ledBack(migration: Migration, { indexes }: ParityFacts, key: ParityConstraint): readonly string[] {
  const [old, added] = [migration.old, migration.new]
  const { references } = key
  if (references === null || old.length !== 1 || added.length !== 1) return []
  const to = references.columns.map((name) => (name === added[0]?.name ? (old[0]?.name ?? name) : name))
  const [from, table] = [qualified(key.table.schema, key.table.name), qualified(references.schema, references.table)]
  const name = quoteIdentifier(key.name)
  const isUnique = indexes.some(
    (index) =>
      index.member === references.oid &&
      index.unique &&
      index.valid &&
      index.predicate === null &&
      index.keys.map(({ column }) => column).join('\n') === to.join('\n'),
  )
  const text = foreignKeyText(key, { columns: key.columns, table, to })
  return [
    ...(isUnique ? [] : [`CREATE UNIQUE INDEX CONCURRENTLY ON ${table} (${to.map(quoteIdentifier).join(', ')});`]),
    `ALTER TABLE ${from} DROP CONSTRAINT ${name}, ADD CONSTRAINT ${name} ${text}${key.table.partitioned ? '' : ' NOT VALID'};`,
    ...(key.table.partitioned ? [] : [`ALTER TABLE ${from} VALIDATE CONSTRAINT ${name};`]),
  ]
}
