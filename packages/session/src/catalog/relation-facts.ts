import { type Migration, quoteIdentifier } from '@expand-contract/core'
import {
  type ColumnType,
  heldColumnName,
  mentionedColumns,
  type RelationColumn,
  type RelationFacts,
} from '@expand-contract/sql'
import type { CatalogContent, ColumnContent, NamedContent, RelationContent, TypeContent } from './catalog-content.ts'
import type { RecordedPlaces } from './phases-in-catalog.ts'
import { writesTable } from './writes-table.ts'

/**
 * Every synchronising trigger of this project has a name that starts so. `~` sorts behind the names of other triggers, so that it
 * has the last word; the one with `!` comes first and fills a value for them, and keeps nothing in step by itself.
 */
const SYNC_TRIGGER = /^~expand_contract_sync_/u
const OWN_TRIGGER = /^[~!]expand_contract_sync_/u

/** What is known of old columns besides what the catalog of the database has by their names. */
export interface KnownOfOld {
  readonly migrations: readonly Pick<Migration, 'old'>[]
  /** Where they stood, by relation and column. */
  readonly places: RecordedPlaces
}

/** The relations of the content as the rewriter wants them, by oid. */
export function relationFacts(content: CatalogContent, old: KnownOfOld): ReadonlyMap<number, RelationFacts> {
  const typeOf = columnTypes(content)
  const names = new Map(old.migrations.flatMap((each) => each.old.map(({ name }) => [heldColumnName(name), name])))
  return new Map(
    (content.relations ?? []).map((relation) => {
      const { held, ...shown } = withOldNames(relation, names)
      const recordedPlaces = old.places[`${relation.schema}.${relation.name}`]
      return [
        relation.oid,
        { ...factsOf(shown, typeOf), ...(held.length > 0 && { held }), ...(recordedPlaces && { recordedPlaces }) },
      ]
    }),
  )
}

/** A relation with columns that are held under their old names, unless it has such a column again. */
function withOldNames(
  relation: RelationContent,
  names: ReadonlyMap<string, string>,
): RelationContent & { readonly held: readonly string[] } {
  const columns = relation.columns ?? []
  const held: string[] = []
  const shown = columns.map((column) => {
    const name = names.get(column.name)
    if (name === undefined || columns.some((each) => each.name === name)) return column
    held.push(name)
    return { ...column, name }
  })
  return { ...relation, columns: shown, held }
}

function factsOf(relation: RelationContent, typeOf: (column: ColumnContent) => ColumnType): RelationFacts {
  const columns = relation.columns ?? []
  const triggers = relation.triggers ?? []
  return {
    oid: relation.oid,
    schema: relation.schema,
    name: relation.name,
    kind: relation.kind,
    partitioned: relation.partitioned,
    temporary: relation.temporary,
    columns: columns.map((column) => columnOf(column, typeOf(column))),
    dropped: (relation.dropped ?? []).map(({ position }) => position),
    droppedStorage: (relation.dropped ?? []).map(({ storage }) => storage),
    uniqueKeys: (relation.uniqueKeys ?? []).map((key) => ({ ...key, columns: key.columns ?? [] })),
    constraints: (relation.constraints ?? []).map((each) => ({ ...each, columns: each.columns ?? [] })),
    refusingIndexes: (relation.refusingIndexes ?? []).map(({ name, columns: key, leaves }) => ({
      ...{ name, columns: key ?? [], leaves: leaves ?? [] },
    })),
    parents: relation.parents ?? [],
    viewColumns: (relation.viewColumns ?? []).map(({ oid, columns: own, condition }) => ({
      oid,
      columns: own ?? [],
      condition: condition ?? [],
    })),
    viewOf: (relation.viewOf ?? []).map(({ oid, columns }) => ({ oid, columns: columns ?? [] })),
    syncTriggers: triggers.flatMap(({ name, everywhere }) => (everywhere && SYNC_TRIGGER.test(name) ? [name] : [])),
    triggers: triggers
      .filter((trigger) => trigger.beforeRow || writesTable(trigger, relation.name))
      .filter((trigger) => !OWN_TRIGGER.test(trigger.name))
      .map((trigger) => ({
        name: trigger.name,
        mentions: mentionedColumns(
          trigger,
          columns.map((column) => column.name),
        ),
      })),
  }
}

function columnOf(column: ColumnContent, type: ColumnType): RelationColumn {
  const next =
    column.sequence === null
      ? undefined
      : `pg_catalog.nextval('${column.sequence.replaceAll("'", "''")}'::pg_catalog.regclass)`
  return {
    name: column.name,
    position: column.position,
    type,
    notNull: column.notNull,
    default: column.default ?? undefined,
    identity: column.identity === '' || next === undefined ? undefined : { always: column.identity === 'a', next },
    generated: column.generated,
  }
}

export const qualified = (name: Pick<NamedContent, 'schema' | 'name'>): string =>
  `${quoteIdentifier(name.schema)}.${quoteIdentifier(name.name)}`

function columnTypes({ types, collations }: CatalogContent): (column: ColumnContent) => ColumnType {
  const typeByOid = new Map((types ?? []).map((type) => [type.oid, type]))
  const collationByOid = new Map((collations ?? []).map((collation) => [collation.oid, collation]))
  const baseOf = (type: TypeContent): TypeContent => {
    const base = type.base === null ? undefined : typeByOid.get(type.base)
    return base === undefined ? type : baseOf(base)
  }
  return (column) => {
    const type = typeByOid.get(column.type)
    if (type === undefined) throw new RangeError(`the catalog has no type ${column.type}`)
    const base = baseOf(type)
    const collation = collationByOid.get(column.collation)
    return {
      declared: column.declared,
      bare: qualified(type),
      base: `${base.schema}.${base.name}`,
      modifier: column.modifier,
      collation: collation === undefined ? undefined : qualified(collation),
      defaultCollation: column.collation === type.collation,
      storage: type.storage,
      strict: base.strict,
    }
  }
}
