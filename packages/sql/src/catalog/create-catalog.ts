import type { Migration } from '@expand-contract/core'
import type {
  BoundMigration,
  Catalog,
  ColumnType,
  ForeignKey,
  MadeFrom,
  Relation,
  RelationFacts,
  RelationName,
  RowFunction,
} from './catalog.ts'
import { keyEffects } from './key-effects.ts'
import { madeFrom, needsOther } from './made-from.ts'
import { syncTriggerName } from './sync-trigger-name.ts'

/** A relation name as it was asked for, and what it stands for on the search path of the snapshot. */
export interface ResolvedRelation extends RelationName {
  /** null: there is no such relation. */
  readonly facts: RelationFacts | null
}

/** The type of a migrating column that does not exist at the moment. */
export interface AbsentType {
  readonly migration: string
  readonly column: string
  readonly type: ColumnType
}

export interface CatalogInput {
  readonly migrations: readonly Migration[]
  /** At least the table of every migration, under the name that the migration has. */
  readonly relations: readonly ResolvedRelation[]
  /** For every migrating column that its table does not have. */
  readonly absent: readonly AbsentType[]
  /** See `Catalog.aliases`. */
  readonly aliases: readonly string[]
  /** Foreign keys with actions, of the migrating tables and of those that they reference. */
  readonly foreignKeys?: readonly ForeignKey[] | undefined
  /** Functions that return rows of migrating tables. */
  readonly rowFunctions?: readonly RowFunction[] | undefined
  /** See `Catalog`. */
  readonly ownTableFunctions?: readonly string[] | undefined
  /**
   * Names of volatile functions outside of pg_catalog, of the database and not of one search path. Without them few calls
   * without a schema are taken for PostgreSQL's own, so that some values are refused which MERGE would have to compute twice.
   */
  readonly volatileFunctions?: readonly string[] | undefined
  /** Names of functions outside of pg_catalog that return sets. */
  readonly setFunctions?: readonly string[] | undefined
}

/** A snapshot of the catalog with the migrations bound to the relations they concern. */
export function createCatalog(input: CatalogInput): Catalog {
  const owners = new Map<number, Migration[]>()
  const facts = new Map<number, RelationFacts>()
  for (const relation of input.relations) if (relation.facts) facts.set(relation.facts.oid, relation.facts)
  for (const migration of input.migrations)
    for (const table of facts.values())
      if (isTableOf(migration, table)) owners.set(table.oid, [...(owners.get(table.oid) ?? []), migration])
  const bound = (table: RelationFacts): Relation => ({
    ...table,
    migrations: bind(table, { owners, facts, absent: input.absent }),
    through: [],
  })
  const tables = [...owners.keys()].flatMap((oid) => {
    const table = facts.get(oid)
    return table ? [bound(table)] : []
  })
  const relationOf = (found: RelationFacts): Relation =>
    tables.find((table) => table.oid === found.oid) ?? {
      ...bound(found),
      through: found.viewOf.flatMap(({ oid, columns }) => {
        const table = tables.find((each) => each.oid === oid)
        return table ? [{ table, columns }] : []
      }),
    }
  const byName = new Map(
    input.relations.map((relation) => [
      key(relation.schema, relation.name),
      relation.facts && relationOf(relation.facts),
    ]),
  )
  const foreignKeys = input.foreignKeys ?? []
  const rowFunctions = input.rowFunctions ?? []
  const effects = keyEffects(foreignKeys, tables)
  const referenced = foreignKeys.flatMap(({ references }) => (effects.has(references.oid) ? [references.name] : []))
  return Object.freeze({
    aliases: Object.freeze([...new Set([...input.aliases, ...referenced, ...rowFunctions.map(({ name }) => name)])]),
    tables,
    volatileFunctions: input.volatileFunctions && new Set(input.volatileFunctions),
    ownTableFunctions: input.ownTableFunctions && new Set(input.ownTableFunctions),
    rowFunction: (schema: string | undefined, name: string, count: number) =>
      rowFunctions.find((each) => {
        const fits = each.least <= count && (each.most === null || count <= each.most)
        return fits && each.name === name && (schema === undefined || schema === each.schema)
      }),
    relationOf(oid: number) {
      const found = facts.get(oid)
      return found && relationOf(found)
    },
    setFunctions: input.setFunctions && new Set(input.setFunctions),
    relation: (schema: string | undefined, name: string) => byName.get(key(schema, name)),
    effectsOf: ({ oid }: Relation) => effects.get(oid) ?? [],
  })
}

/**
 * A table that is declared without a schema is every table of the name: which one it is depends on the search path, and
 * a session may change that and still name the other one with its schema. One without the columns is not concerned.
 */
const isTableOf = ({ table }: Migration, facts: RelationFacts): boolean =>
  facts.kind !== 'view' && facts.name === table.name && (table.schema === undefined || table.schema === facts.schema)

/** No name has a zero byte. */
const key = (schema: string | undefined, name: string): string => (schema === undefined ? name : `${schema}\0${name}`)

interface Known {
  /** The migrations of each table. */
  readonly owners: ReadonlyMap<number, readonly Migration[]>
  readonly facts: ReadonlyMap<number, RelationFacts>
  readonly absent: readonly AbsentType[]
}

function bind(relation: RelationFacts, { owners, facts, absent }: Known): readonly BoundMigration[] {
  if (relation.kind === 'view') return []
  const own = [relation.oid, ...relation.parents].flatMap((oid) => (owners.has(oid) ? [[oid, undefined] as const] : []))
  return (own.length > 0 ? own : original(relation, owners, facts)).flatMap(([oid, made]) =>
    (owners.get(oid) ?? []).map((migration) => ({
      migration,
      physical: physicalState(relation, migration),
      neverHad: made ? [] : neverHad(facts.get(oid) ?? relation, migration),
      ...(made && { made: made === 'copy' && needsOther(relation, migration) ? ('copy of both' as const) : made }),
      ...(isHeld(relation, migration) && { held: true }),
      ...(isDisplaced(relation, migration) && { displaced: true }),
      syncTrigger: relation.syncTriggers.includes(syncTriggerName(migration.id)),
      types: typesOf(relation, migration, absent),
      ...(oid === relation.oid ? {} : { inheritedFrom: facts.get(oid) }),
    })),
  )
}

/** The table that one was made from. */
function original(
  relation: RelationFacts,
  owners: Known['owners'],
  facts: Known['facts'],
): readonly (readonly [oid: number, made: MadeFrom])[] {
  for (const [oid, migrations] of owners) {
    const table = facts.get(oid)
    const made = table && madeFrom(relation, table, migrations)
    if (made) return [[oid, made]]
  }
  return []
}

/** A column that is dropped keeps its place in the catalog: https://www.postgresql.org/docs/current/catalog-pg-attribute.html */
function neverHad({ columns, dropped }: RelationFacts, { old }: Migration): readonly string[] {
  const names = old.map(({ name }) => name)
  const missing = names.filter((name) => !columns.some((column) => column.name === name))
  return missing.length > dropped.length ? missing : []
}

/** Of a column that is held, others know neither its name nor its values: for statements it is gone. */
const isHeld = ({ held = [] }: RelationFacts, { old }: Migration): boolean =>
  held.length > 0 && old.some(({ name }) => held.includes(name))

/** The attribute that a column was is dropped, and another one has its name. */
const isDisplaced = ({ columns, dropped, recordedPlaces = {} }: RelationFacts, { old }: Migration): boolean =>
  old.some(({ name }) => {
    const recorded = Object.hasOwn(recordedPlaces, name) ? recordedPlaces[name] : undefined
    return recorded !== undefined && dropped.includes(recorded) && columns.some((column) => column.name === name)
  })

function physicalState(facts: RelationFacts, migration: Migration): BoundMigration['physical'] {
  const names = new Set(facts.columns.map((column) => column.name))
  const old = migration.old.every((column) => names.has(column.name)) && !isHeld(facts, migration)
  const added = migration.new.every((column) => names.has(column.name))
  if (old) return added ? 'both' : 'old'
  return added ? 'new' : 'incomplete'
}

function typesOf(
  facts: RelationFacts,
  migration: Migration,
  absent: readonly AbsentType[],
): Readonly<Record<string, ColumnType>> {
  const types: Record<string, ColumnType> = {}
  for (const { name } of [...migration.old, ...migration.new]) {
    const type =
      facts.columns.find((column) => column.name === name)?.type ??
      absent.find((each) => each.migration === migration.id && each.column === name)?.type
    if (type) types[name] = type
  }
  return types
}
