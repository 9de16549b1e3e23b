import type { DeclarationOptions } from '@expand-contract/core'
import type { ColumnOptions } from 'typeorm'

/**
 * The column on the other side of the migration, as `@Column` would describe it. It is always nullable and never has a
 * default: every write fills it.
 */
export type OtherColumn = Readonly<
  Required<Pick<ColumnOptions, 'name' | 'type'>> &
    Pick<
      ColumnOptions,
      | 'length'
      | 'precision'
      | 'scale'
      | 'array'
      | 'enum'
      | 'enumName'
      | 'collation'
      | 'comment'
      | 'hstoreType'
      | 'spatialFeatureType'
      | 'srid'
    >
>

/**
 * SQL over the columns of the other side. A function is called with their final names, quoted: what to use where a naming
 * strategy or a prefix makes the names, or where several entities share the declaration.
 */
export type MappingSql = string | ((...columns: string[]) => string)

/** One mapping where the side it computes is one column; else one per column. */
export type MappingsSql = MappingSql | Readonly<Record<string, MappingSql>>

/** The table and the entity's own column of one migration, as they are called in the database. */
export interface MigratingField {
  readonly table: string
  readonly column: string
}

interface SharedOptions extends Pick<DeclarationOptions, 'id' | 'constraints' | 'after'> {
  /**
   * The flag that decides reads in the phase `switch`. A function where several tables share the declaration (an abstract
   * base class, an embedded entity), since each migration has a flag of its own.
   * @defaultValue none: reads stay old until `contract`
   */
  readonly flag?: string | ((field: MigratingField) => string)
  /** Other properties of the class whose columns migrate together with this one. @defaultValue none */
  readonly with?: readonly string[]
  /**
   * The new value as SQL over the old columns; one per new column where there are several, by the `name` in `to` (or, with
   * `from`, by property). @defaultValue where both sides are one column: the old value, cast to the new type
   */
  readonly forward?: MappingsSql
  /** The old value as SQL over the new columns, the other way round. @defaultValue as for `forward` */
  readonly backward?: MappingsSql
}

/** `@Column` describes the column as it was, `to` the one that it becomes. */
export interface MigratingTo extends SharedOptions {
  readonly to: OtherColumn | readonly OtherColumn[]
  readonly from?: never
}

/** `@Column` describes the column as it is to be, `from` the one that it was. The entity is written against the new side. */
export interface MigratingFrom extends SharedOptions {
  readonly from: OtherColumn | readonly OtherColumn[]
  readonly to?: never
}

export type MigratingColumnOptions = MigratingTo | MigratingFrom
