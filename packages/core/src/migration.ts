import type { TableName } from './identifier.ts'

/** One of the two sides of a migration. */
export type Side = 'old' | 'new'

/** A column of one side. `type` is undefined where the catalog knows it. */
export interface MigratingColumn {
  readonly name: string
  readonly type: string | undefined
}

/**
 * How one column is computed from the other side: the value of one column (cast to the target's type), or one SQL
 * expression over the columns of the other side. Other kinds, such as functions in JavaScript, get a `kind` of their own.
 */
export type Mapping =
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'sql'; readonly sql: string }

/** Target column to mapping. */
export type MappingTable = Readonly<Record<string, Mapping>>

/** A checked declaration: a two-way mapping between old and new columns of one table. Made by the declaring functions. */
export interface Migration {
  readonly id: string
  readonly table: TableName
  readonly old: readonly MigratingColumn[]
  readonly new: readonly MigratingColumn[]
  /** New column to its value, over old columns. */
  readonly forward: MappingTable
  /** Old column to its value, over new columns. */
  readonly backward: MappingTable
  /** The side that the application's entities and SQL are written against: the logical side. The other is the shadow. */
  readonly app: Side
  /** Name of the read-switch flag; undefined: reads stay on the old side until contract. */
  readonly flag: string | undefined
  /** Constraint or unique index on old columns, to its counterpart on the new ones. */
  readonly constraints: Readonly<Record<string, string>>
  /** Column after which the old columns stood; places them in `*` once they are dropped. '' is the first place. */
  readonly after: string | undefined
}

/** What every kind of declaration shares. */
export interface DeclarationOptions {
  /**
   * `users`, `crm.users` or `"My Schema"."users"`; without a schema, every table of the name that has the columns: the
   * search path of the connection tells which one a statement means.
   */
  readonly table: string
  /** Name in phases, events and errors. @defaultValue the table and the new columns: `users.full_name`, `users.first_name+last_name` */
  readonly id?: string
  /** The side that your entities and SQL name. @defaultValue 'old' */
  readonly app?: Side
  /** The flag that decides reads in the phase `switch`; true reads the new side. @defaultValue none: reads stay old until `contract` */
  readonly flag?: string
  /**
   * Constraint or unique index on the old columns, to its counterpart on the new ones:
   * `{ users_name_key: 'users_full_name_key' }`. Needed for `ON CONFLICT ON CONSTRAINT`, and so that errors keep the name
   * that the application knows, once the old column is gone. @defaultValue none
   */
  readonly constraints?: Readonly<Record<string, string>>
  /**
   * The column after which the old columns stand, '' for the first place. It places them in `*` and in an INSERT
   * without a column list after they have been dropped, of what inherits from the table as well as far as its own dropped
   * columns allow. @defaultValue where a dropped column tells, its place; else the end
   */
  readonly after?: string
}
