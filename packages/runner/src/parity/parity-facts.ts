/** A migrating column on one member, with what `ALTER COLUMN`, `COMMENT` and `GRANT` can say of it. */
export interface ParityColumn {
  readonly name: string
  readonly notNull: boolean
  /** The constraint that says so, from PostgreSQL 18 on. */
  readonly notNullConstraint: NotNullConstraint | null
  /** It has a default of its own. */
  readonly default: boolean
  readonly identity: boolean
  /** Names of sequences that go with the column. */
  readonly sequences: readonly string[]
  readonly comment: string | null
  /** `SET STATISTICS`; null: the default. */
  readonly statistics: number | null
  /** `pg_attribute.attstorage`. */
  readonly storage: string
  /** What its type has, and a new column. */
  readonly typeStorage: string
  /** `pglz`, `lz4`, or null: the default. */
  readonly compression: string | null
  /** `SET (n_distinct = ...)` */
  readonly options: readonly string[]
  /** Grants on the column alone. Roles are quoted; PUBLIC is no role. */
  readonly grants: readonly ColumnGrant[]
  /** The planner has statistics of it. */
  readonly analyzed: boolean
}

export interface NotNullConstraint {
  readonly name: string
  readonly validated: boolean
  readonly noInherit: boolean
  readonly comment: string | null
}

export interface ColumnGrant {
  readonly role: string
  readonly privilege: string
  readonly grantable: boolean
}

export interface ParityMember {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: string
  /** The table that it is a partition of, or inherits from; null for the table of the migration. */
  readonly parent: number | null
  readonly partition: boolean
  readonly rows: number
  readonly bytes: number
  /** The role may create something in its schema. */
  readonly mayCreate: boolean
  readonly columns: readonly ParityColumn[]
}

export interface IndexKey {
  /** null: an expression. */
  readonly column: string | null
  readonly expression: string | null
  /** With its schema, quoted. */
  readonly operatorClass: string
  /** It is that of its type and method. */
  readonly defaultClass: boolean
  /** Parameters of the operator class: `siglen=100`. */
  readonly classOptions: readonly string[]
  /** With its schema, quoted; null where it is that of the column, or there is none. */
  readonly collation: string | null
  readonly descending: boolean
  readonly nullsFirst: boolean
  readonly statistics: number | null
}

export interface ParityIndex {
  readonly oid: number
  readonly member: number
  readonly schema: string
  readonly name: string
  /** `pg_class.relkind`: `I` for that of a partitioned table. */
  readonly kind: string
  /** The index that it is a partition of. */
  readonly parent: number | null
  readonly valid: boolean
  readonly unique: boolean
  readonly primary: boolean
  readonly nullsNotDistinct: boolean
  readonly clustered: boolean
  readonly replicaIdentity: boolean
  readonly method: string
  readonly keys: readonly IndexKey[]
  readonly include: readonly string[]
  readonly predicate: string | null
  readonly options: readonly string[]
  /** Quoted; null: that of the database. */
  readonly tablespace: string | null
  /** The role may create something in the tablespace. */
  readonly mayUse: boolean
  readonly comment: string | null
  /** Columns that it reads, also within expressions. */
  readonly columns: readonly string[]
  /** Its expressions have statistics, or it has none. */
  readonly analyzed: boolean
  /** The constraint that it stands for. */
  readonly constraint: number | null
  readonly definition: string
}

export interface ParityConstraint {
  readonly oid: number
  readonly member: number
  readonly name: string
  /** `pg_constraint.contype` */
  readonly type: string
  readonly columns: readonly string[]
  readonly expression: string | null
  readonly index: number | null
  readonly deferrable: boolean
  readonly deferred: boolean
  readonly validated: boolean
  readonly enforced: boolean
  readonly noInherit: boolean
  /** Without a parent: not one of those that PostgreSQL makes for a partition or a child. */
  readonly own: boolean
  readonly comment: string | null
  readonly definition: string
  /** A key WITHOUT OVERLAPS, or a foreign key with a PERIOD, from PostgreSQL 18 on. */
  readonly temporal: boolean
  /** Of an exclusion constraint, in the order of its keys: `OPERATOR(pg_catalog.&&)`. */
  readonly operators: readonly string[]
  /** Of a foreign key. */
  readonly references: {
    readonly oid: number
    readonly schema: string
    readonly table: string
    readonly owned: boolean
    /** The role may let something point at its columns. */
    readonly mayRefer: boolean
    readonly columns: readonly string[]
    readonly match: string
    readonly onUpdate: string
    readonly onDelete: string
    /** ON DELETE SET NULL (columns), from PostgreSQL 15 on. */
    readonly deleted: readonly string[]
    /** Temporal: its last column is a PERIOD, from PostgreSQL 18 on. */
    readonly period: boolean
  } | null
  /** The table that it stands on. */
  readonly table: {
    readonly schema: string
    readonly name: string
    readonly partitioned: boolean
    readonly owned: boolean
  }
}

export interface ParityStatistics {
  readonly oid: number
  readonly member: number
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
  /** `ndistinct`, `dependencies`, `mcv` */
  readonly kinds: readonly string[]
  readonly expressions: readonly string[]
  /** The role may create something in its schema. */
  readonly mayCreate: boolean
  readonly target: number | null
  readonly comment: string | null
  readonly definition: string
}

/** Something that names a column, and that nothing here is made from. */
export interface Dependent {
  readonly kind: 'view' | 'rule' | 'policy' | 'generated column' | 'trigger' | 'function'
  /** As PostgreSQL identifies it. */
  readonly name: string
  readonly column: string
  readonly definition: string | null
  /** Of a generated column: the part of its definition that names columns. */
  readonly expression: string | null
}

/** A publication that has a member. */
export interface ParityPublication {
  readonly name: string
  readonly member: number
  /** null: all of them. */
  readonly columns: readonly string[] | null
  readonly filter: string | null
}

export interface ColumnElsewhere {
  /** null: as the search path has it. */
  readonly schema: string | null
  readonly table: string
  readonly old: string
  readonly new: string
}

/** All that depends on the migrating columns, or names them, at one moment. Members: the table itself first. */
export interface ParityFacts {
  readonly members: readonly ParityMember[]
  readonly indexes: readonly ParityIndex[]
  /** Those on the members, and foreign keys that point at them. */
  readonly constraints: readonly ParityConstraint[]
  readonly statistics: readonly ParityStatistics[]
  readonly dependents: readonly Dependent[]
  readonly publications: readonly ParityPublication[]
  /** `schema.name` of relations, and of extended statistics, that have a name which a counterpart might get. */
  readonly taken: readonly string[]
  /** The column that each column of another table has beside it by a migration of its own, as the control schema has it. */
  readonly elsewhere: readonly ColumnElsewhere[]
  /** The rows that were there before `expand` are filled, as the control schema has it. */
  readonly backfilled: boolean
}
