import type { Migration, PhysicalState } from '@expand-contract/core'

/** As a statement names it. */
export interface RelationName {
  readonly schema: string | undefined
  readonly name: string
}

/** A type as SQL text. Both forms are safe to splice: they come from the catalog, quoted where needed. */
export interface ColumnType {
  /** With its modifier, as in CREATE TABLE: `character varying(100)`, `numeric(12,2)`, `crm."Kind"[]`. */
  readonly declared: string
  /** Qualified and without modifier, quoted: `"pg_catalog"."varchar"`. A cast to it never truncates or rounds, but to a domain: see `uncut`. */
  readonly bare: string
  /** The type a domain stands for, an array of it for an array of domains, or the type itself, as `schema.name` without quotes: `pg_catalog.varchar`. */
  readonly base: string
  /** `pg_attribute.atttypmod`; -1 where there is none. */
  readonly modifier: number
  /** Qualified and quoted; undefined where the type has no collation. */
  readonly collation: string | undefined
  /** True when the collation is the type's own, so that an expression of the type has it by itself. */
  readonly defaultCollation: boolean
  /** How its values are stored, as `typlen:typalign`; undefined where it is not known. */
  readonly storage?: string | undefined
  /**
   * True when `COALESCE(value, NULL::type)` takes the values that may be assigned to a column of the type, and no others. An
   * explicit cast takes more: text to integer, which an assignment refuses (42804).
   */
  readonly strict?: boolean | undefined
}

export interface RelationColumn {
  readonly name: string
  /** `pg_attribute.attnum`. */
  readonly position: number
  readonly type: ColumnType
  readonly notNull: boolean
  /** The default as SQL text; undefined where there is none. */
  readonly default: string | undefined
  /** SQL text that draws the next value of an identity column; undefined for others. */
  readonly identity: { readonly always: boolean; readonly next: string } | undefined
  readonly generated: boolean
}

export interface UniqueKey {
  /** Name of the constraint or of the unique index. */
  readonly name: string
  /** Plain columns in their order; empty for an index with expressions. */
  readonly columns: readonly string[]
  readonly primary: boolean
  readonly partial: boolean
}

/** An index that refuses a row at once, as that of a deferrable constraint does not. One that is being built does so, too. */
export interface RefusingIndex {
  readonly name: string
  /** The columns of its key, those within expressions included. */
  readonly columns: readonly string[]
  /** For a partitioned table: the indexes of its partitions, each with its schema, under whose names they refuse. */
  readonly leaves: readonly (readonly [schema: string, name: string])[]
}

/** A constraint that may be named in a statement: of any kind but CHECK and NOT NULL. */
export interface NamedConstraint {
  readonly name: string
  readonly columns: readonly string[]
  readonly deferrable: boolean
}

/** A table under a view. */
export interface ViewedTable {
  readonly oid: number
  /** The columns of the table that the definitions above it name; all of them where one takes whole rows. */
  readonly columns: readonly string[]
}

/** A view that is one plain query, which nothing else stands for, such as a rule or a trigger. */
export interface ViewColumns {
  readonly oid: number
  readonly columns: readonly {
    readonly name: string
    /** The relation whose column it is; 0 for an expression. */
    readonly of: number
    readonly column: string | null
  }[]
  /** The columns, of what is below, that its condition uses; '' is the whole row. */
  readonly condition: readonly string[]
}

/** A relation as the catalog has it: plain data, loaded by the driver. */
export interface RelationFacts {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'table' | 'view' | 'other'
  readonly partitioned?: boolean
  readonly temporary?: boolean
  /** In the order of `position`; dropped columns are left out. */
  readonly columns: readonly RelationColumn[]
  /** Positions of dropped columns. */
  readonly dropped: readonly number[]
  /** How the values of each of them were stored, as `attlen:attalign:atttypmod`. */
  readonly droppedStorage?: readonly string[] | undefined
  /** Old columns that are held: they stand among `columns` by their own names, and have others in the database. */
  readonly held?: readonly string[] | undefined
  /** Where old columns stood that are gone, as it was recorded when their migrations began. */
  readonly recordedPlaces?: Readonly<Record<string, number>> | undefined
  readonly uniqueKeys: readonly UniqueKey[]
  readonly constraints?: readonly NamedConstraint[]
  /** Its unique indexes, and those of exclusion constraints, as far as they refuse at once. @defaultValue none are known */
  readonly refusingIndexes?: readonly RefusingIndex[]
  /** For a partition or an inheritance child: the tables above it. */
  readonly parents: readonly number[]
  /** For a view, materialized or not: every table under it, however deep, and what those are partitions or children of. */
  readonly viewOf: readonly ViewedTable[]
  /** For a view: it, and the views under it, where they are so plain. */
  readonly viewColumns?: readonly ViewColumns[]
  /** Names of enabled sync triggers of this project that the table has, and all that inherits from it as well. */
  readonly syncTriggers: readonly string[]
  /**
   * Names of enabled triggers of the user's that change the row before it is stored, or write the table themselves, also of
   * what inherits from the table, each with the columns of the table that its function's text names; and of rules.
   */
  readonly triggers: readonly { readonly name: string; readonly mentions: readonly string[] }[]
}

/** As pg_constraint has it: NO ACTION, RESTRICT, CASCADE, SET NULL, SET DEFAULT. */
export type KeyAction = 'a' | 'r' | 'c' | 'n' | 'd'

/** A foreign key that changes its table when the one that it references is changed. */
export interface ForeignKey {
  /** The oid of its table, and of those which that is a partition or child of. */
  readonly tables: readonly number[]
  readonly columns: readonly string[]
  /** The table that it references, or one that that is a partition or child of. */
  readonly references: { readonly oid: number; readonly name: string; readonly columns: readonly string[] }
  readonly onDelete: KeyAction
  readonly onUpdate: KeyAction
  /** The columns that ON DELETE SET NULL or SET DEFAULT lists (PostgreSQL 15); not set where those are all. */
  readonly onDeleteColumns?: readonly string[] | null
}

/** What PostgreSQL does to a migrating table by itself when a row of another one, or another row, is changed. */
export interface KeyEffect {
  readonly table: Relation
  /** The columns that are set. */
  readonly columns: readonly string[]
  readonly action: KeyAction
  /** What brings it about: a row is deleted, or one of these columns is assigned. */
  readonly by: 'delete' | readonly string[]
}

/** A function that returns rows of a migrating table, or of what inherits from it. */
export interface RowFunction {
  readonly schema: string
  readonly name: string
  /** The relation whose row type it returns. */
  readonly relation: { readonly oid: number; readonly schema: string; readonly name: string }
  readonly returnsSet: boolean
  /** How many arguments it takes; no upper limit for a VARIADIC one. */
  readonly least: number
  readonly most: number | null
  /** Another function of the name takes as many arguments, and returns something else. */
  readonly overloaded: boolean
}

/**
 * What a table is that was made from a migrating one, by LIKE or by hand: it has its columns, those of the migrations
 * included. A copy is filled by whatever fills it, so that its old columns are what counts as long as it has them; one beside a
 * partitioned table may become a partition, and is written as one.
 */
export type MadeFrom = 'copy' | 'copy of both' | 'partition'

/** One migration on one relation of the database. */
export interface BoundMigration {
  readonly migration: Migration
  /** `incomplete`: neither side is there in full; statements pass as they are, and PostgreSQL reports what is missing. */
  readonly physical: PhysicalState | 'incomplete'
  /**
   * Old columns that the table of the migration has not, and never had: fewer columns of it were dropped than are missing. A
   * table that was restored from a dump, or made anew without them, looks the same.
   */
  readonly neverHad: readonly string[]
  /** Types of the columns of both sides, by column; those of an absent column as declared, or as its mapping yields them. */
  readonly types: Readonly<Record<string, ColumnType>>
  /** Set where the relation was made from the table that it is declared for, and is no part of that. */
  readonly made?: MadeFrom | undefined
  /** The table that it is declared for, where the relation is a partition or an inheritance child of that, or was made from it. */
  readonly inheritedFrom?: RelationFacts | undefined
  /** The sync trigger of this migration is installed and enabled. */
  readonly syncTrigger: boolean
  /** Its old columns are set aside under other names: no statement may name them, and `*` shows them. @defaultValue false */
  readonly held?: boolean | undefined
  /** An old column was dropped and restored: it is behind the others, and has its former place for the application, whatever the phase. @defaultValue false */
  readonly displaced?: boolean | undefined
}

export interface Relation extends RelationFacts {
  /** The migrations of this table (for a partition or an inheritance child: of the tables above it); empty for others. */
  readonly migrations: readonly BoundMigration[]
  /** For a view: the tables under it that are migrating, and their columns that it names. */
  readonly through: readonly { readonly table: Relation; readonly columns: readonly string[] }[]
}

/** What planning needs to know of a database, for one search path. A new snapshot is a new object. */
export interface Catalog {
  /** Names that can touch a migrating table besides its own: views, partitions, inheritance children. Unqualified. */
  readonly aliases: readonly string[]
  /** Every migrating table, without its partitions. */
  readonly tables: readonly Relation[]
  /** Names of volatile functions outside of pg_catalog; undefined where they have not been loaded. */
  readonly volatileFunctions?: ReadonlySet<string> | undefined
  /** Names of functions outside of pg_catalog that could be taken for `TABLE_FUNCTIONS`; undefined where they have not been loaded. */
  readonly ownTableFunctions?: ReadonlySet<string> | undefined
  /** Names of functions outside of pg_catalog that return sets; undefined where they have not been loaded. */
  readonly setFunctions?: ReadonlySet<string> | undefined
  /** The relation a name stands for: null when there is none, undefined when it has not been loaded. */
  relation(schema: string | undefined, name: string): Relation | null | undefined
  /** A function that returns rows of a migrating table, by its name as it is written and the number of its arguments. */
  rowFunction(schema: string | undefined, name: string, count: number): RowFunction | undefined
  /** The relation of an oid, where it is known. */
  relationOf(oid: number): Relation | undefined
  /** What foreign keys do to migrating columns when the relation is written. */
  effectsOf(relation: Relation): readonly KeyEffect[]
}
