/** A type as it may stand in any text, whatever the search path. */
export interface TypeFacts {
  /** With its modifiers, as in CREATE TABLE: `numeric(12,2)`, `app.mood[]`. */
  readonly type: string
  /** Quoted and without modifiers; a cast to it never cuts or rounds. */
  readonly bare: string
  readonly schema: string
  /** The type under a domain, or the type itself: `pg_catalog.text`. */
  readonly base: string
  /** The same, quoted. */
  readonly under: string
  readonly domain: boolean
  /** A domain that checks its values: PostgreSQL writes a table anew to add a column of it. */
  readonly checked: boolean
  /** Values that are equal are the same bytes. */
  readonly exact: boolean
}

export interface ColumnFacts extends TypeFacts {
  readonly name: string
  readonly position: number
  /** Qualified and quoted; undefined where it is the type's own, or there is none. */
  readonly collation: string | undefined
  readonly notNull: boolean
  /** Defaults of the column, of its domain and of its namesakes in partitions and children. */
  readonly defaults: readonly string[]
  readonly identity: boolean
  readonly generated: boolean
  /** It came from a parent table. */
  readonly inherited: boolean
}

/** The table, or one that inherits from it. */
export interface MemberFacts {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** `pg_class.relkind`. */
  readonly kind: string
  readonly partition: boolean
  /** The role may alter it. */
  readonly owned: boolean
  /** Positions of the migrating columns, by name. */
  readonly positions: Readonly<Record<string, number>>
  /** Columns that it has had, dropped ones included. PostgreSQL allows 1,600. */
  readonly width: number
}

/** A BEFORE ROW trigger of the user's, on the table or on what inherits from it. */
export interface RowTriggerFacts {
  readonly name: string
  /** The migrating columns that its function's text names. */
  readonly mentions: readonly string[]
}

export interface TableFacts {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** The table itself first. */
  readonly members: readonly MemberFacts[]
  /** Those of the migration that exist. */
  readonly columns: readonly ColumnFacts[]
  /** Columns of partition keys, at any level. */
  readonly keyColumns: readonly string[]
  readonly triggers: readonly RowTriggerFacts[]
  /** Publications that have it, or what inherits from it, without a list of columns. */
  readonly publications: readonly string[]
  /** As the statistics have it; -1 where they say nothing. */
  readonly rows: number
  readonly bytes: number
}

/** What an operation may look at to make its plan; read by `readFacts`. */
export interface MigrationFacts {
  readonly server: {
    /** `server_version_num`. */
    readonly version: number
    readonly database: string
    readonly role: string
    readonly standby: boolean
  }
  /** undefined: there is no such table on the search path. */
  readonly table: TableFacts | undefined
  /** The types that the declaration says, by column; a column without one is not in it. */
  readonly declared: Readonly<Record<string, TypeFacts>>
  readonly control: {
    readonly schema: string
    readonly exists: boolean
    /** The role may create in it. */
    readonly writable: boolean
  }
  readonly trigger: SyncTriggerState | undefined
  /** What PostgreSQL says against the mappings, under the search path of the trigger's function; undefined: nothing, or there is no telling yet. */
  readonly mappingError: unknown
}

/** What the database has of a sync trigger; see `readSyncTrigger`. */
export interface SyncTriggerState {
  /** SHA-256 of the function's text as the database has it. */
  readonly functionHash: string | undefined
  /** The phase that the function is written for. */
  readonly phase: string | undefined
  readonly helperHash: string | undefined
  /** By table: the names of our triggers with `pg_trigger.tgenabled`; `A` is what must be. */
  readonly members: readonly {
    readonly schema: string
    readonly table: string
    readonly triggers: Readonly<Record<string, string>>
    /** SHA-256 of the definitions of these triggers and of what they run: another one when anything about them is. */
    readonly definitionHash: string | undefined
  }[]
  /** Values that the counter of bypassing writers has given out; undefined without a counter. */
  readonly bypassed: bigint | undefined
  readonly sampleTable: boolean
}
