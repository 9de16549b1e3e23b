import type { ForeignKey, RowFunction, ViewColumns } from '@expand-contract/sql'

/** What CONTENT_QUERY answers. Lists are null where they are empty. */
export interface CatalogContent {
  /** The relation of each wanted name, in order; null where there is none. */
  readonly resolved: readonly (number | null)[]
  /** The type of each declared type text, in order; null where there is none. */
  readonly declared: readonly (number | null)[] | null
  /** The migrating tables, everything that inherits from them, and every view above those. */
  readonly family: readonly { readonly oid: number; readonly name: string }[] | null
  /** Names of tables that may have been made from a migrating one, by LIKE or by hand. */
  readonly alike: readonly string[] | null
  /** How many columns such a table may have. */
  readonly widths: readonly number[] | null
  readonly relations: readonly RelationContent[] | null
  /** See `ForeignKey` of @expand-contract/sql. */
  readonly foreignKeys: readonly ForeignKey[] | null
  /** The oids of all triggers and rules that may write the family: to know that there are any, and that they have changed. */
  readonly writers: readonly number[] | null
  /** The functions of the mappings, in order, each with every function that its name may mean. */
  readonly functions: readonly FunctionContent[] | null
  /** Names of the database's own volatile functions, of those that were asked for. */
  readonly volatileFunctions: readonly string[] | null
  /** Functions that return rows of migrating tables. */
  readonly rowFunctions: readonly (RowFunction & { readonly oid: number })[] | null
  /** Names of the database's own functions, of those that were asked for. */
  readonly ownTableFunctions: readonly string[] | null
  /** Names of the database's own functions that return sets. */
  readonly setFunctions: readonly string[] | null
  readonly types: readonly TypeContent[] | null
  readonly collations: readonly NamedContent[] | null
}

export interface NamedContent {
  readonly oid: number
  readonly schema: string
  readonly name: string
}

export interface FunctionContent {
  readonly oids: readonly number[] | null
  /** All of them are; null where there is none. */
  readonly volatile: boolean | null
}

export interface TypeContent extends NamedContent {
  readonly collation: number
  /** See `ColumnType` of @expand-contract/sql. */
  readonly storage: string
  /** See `ColumnType` of @expand-contract/sql. */
  readonly strict: boolean
  /** The type a domain is made of, or an array of it for an array of domains. */
  readonly base: number | null
}

export interface RelationContent extends NamedContent {
  readonly kind: 'table' | 'view' | 'other'
  readonly partitioned: boolean
  readonly temporary: boolean
  readonly columns: readonly ColumnContent[] | null
  readonly dropped: readonly { readonly position: number; readonly storage: string }[] | null
  readonly uniqueKeys: readonly UniqueKeyContent[] | null
  readonly constraints: readonly ConstraintContent[] | null
  readonly refusingIndexes: readonly RefusingIndexContent[] | null
  readonly parents: readonly number[] | null
  readonly viewOf: readonly ViewedTableContent[] | null
  readonly viewColumns: readonly ViewColumnsContent[] | null
  readonly triggers: readonly TriggerContent[] | null
}

export interface ViewColumnsContent {
  readonly oid: number
  readonly columns: ViewColumns['columns'] | null
  readonly condition: readonly string[] | null
}

export interface ViewedTableContent {
  readonly oid: number
  readonly columns: readonly string[] | null
}

export interface ColumnContent {
  readonly name: string
  readonly position: number
  readonly type: number
  readonly modifier: number
  readonly declared: string
  readonly collation: number
  readonly notNull: boolean
  readonly generated: boolean
  readonly identity: '' | 'a' | 'd'
  readonly default: string | null
  /** The sequence of an identity column, qualified and quoted where needed. */
  readonly sequence: string | null
}

export interface UniqueKeyContent {
  readonly name: string
  readonly primary: boolean
  readonly partial: boolean
  readonly columns: readonly string[] | null
}

export interface RefusingIndexContent {
  readonly name: string
  readonly columns: readonly string[] | null
  /** null unless the table is partitioned. */
  readonly leaves: readonly (readonly [schema: string, name: string])[] | null
}

export interface ConstraintContent {
  readonly name: string
  readonly deferrable: boolean
  readonly columns: readonly string[] | null
}

/** A trigger, or a rule. */
export interface TriggerContent {
  readonly name: string
  /** null for a rule. */
  readonly function: number | null
  readonly language: string
  readonly source: string
  readonly arguments: string
  /** It has the row in its hands before that is stored; so has a rule. */
  readonly beforeRow: boolean
  /** The table has it, and so has all that inherits from it. */
  readonly everywhere: boolean
}

/** The oids whose catalog rows tell whether the content is still the same. */
export interface Watched {
  /** Relations whose columns, indexes and triggers are known. */
  readonly relations: readonly number[]
  /** These, and those of which the name and what depends on them matter: a table may have a thousand partitions. */
  readonly family: readonly number[]
  readonly functions: readonly number[]
  /** See `CatalogContent`. */
  readonly widths: readonly number[]
  readonly types: readonly number[]
}

/** Oids below this one belong to PostgreSQL itself and never change: FirstNormalObjectId in access/transam.h. */
const FIRST_OF_USERS = 16384

export function watchedOf(content: CatalogContent): Watched {
  const relations = content.relations ?? []
  const known = [
    ...content.resolved.filter((oid) => oid !== null),
    ...relations.flatMap((relation) => [...(relation.parents ?? []), ...(relation.viewOf ?? []).map(({ oid }) => oid)]),
  ]
  return {
    relations: unique(known),
    family: unique([
      ...known,
      ...(content.family ?? []).map((relation) => relation.oid),
      ...(content.foreignKeys ?? []).map(({ references }) => references.oid),
    ]),
    functions: unique([
      ...relations.flatMap((relation) => (relation.triggers ?? []).flatMap((trigger) => trigger.function ?? [])),
      ...(content.rowFunctions ?? []).map(({ oid }) => oid),
      ...(content.functions ?? []).flatMap(({ oids }) => oids ?? []),
    ]),
    widths: content.widths ?? [],
    types: unique((content.types ?? []).map((type) => type.oid)).filter((oid) => oid >= FIRST_OF_USERS),
  }
}

const unique = (oids: readonly number[]): readonly number[] => [...new Set(oids)].sort((a, b) => a - b)
