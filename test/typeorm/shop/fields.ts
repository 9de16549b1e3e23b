import { MigratingColumn, type MigratingColumnOptions, type OtherColumn } from '@expand-contract/typeorm'
import { Column, type ColumnOptions } from 'typeorm'

/** The side that the entities are written against. */
export type AppSide = 'old' | 'new'

/** How a world's entities are made. */
export interface ShopShape {
  readonly app: AppSide
  /** False for the twin: the same entities, with nothing declared. */
  readonly migrating: boolean
}

/** One migrating property: both of its columns, and how they follow from each other where a cast is not enough. */
export interface ShopField {
  readonly old: OtherColumn
  readonly new: OtherColumn
  /** What @Column is given besides, on either side. */
  readonly column?: ColumnOptions
  readonly forward?: MigratingColumnOptions['forward']
  readonly backward?: MigratingColumnOptions['backward']
  readonly constraints?: Readonly<Record<string, string>>
}

const STATUSES = ['active', 'blocked', 'gone'] as const

/** Stored back to front, so that what the database has is not what the entity has. */
const backToFront = {
  to: (value: unknown) => (typeof value === 'string' ? [...value].reverse().join('') : value),
  from: (value: unknown) => (typeof value === 'string' ? [...value].reverse().join('') : value),
}

export const FIELDS = {
  name: { old: { name: 'name', type: 'varchar', length: 100 }, new: { name: 'full_name', type: 'text' } },
  visits: {
    old: { name: 'visits', type: 'int4' },
    new: { name: 'visits_big', type: 'int8' },
    column: { default: 0 },
  },
  balance: {
    old: { name: 'balance', type: 'int4' },
    new: { name: 'balance_amount', type: 'numeric', precision: 12, scale: 2 },
    column: { nullable: true },
    forward: (cents: string) => `${cents}::numeric / 100`,
    backward: (amount: string) => `(${amount} * 100)::int4`,
  },
  status: {
    old: { name: 'status', type: 'enum', enum: [...STATUSES], enumName: 'customer_status' },
    new: { name: 'status_text', type: 'text' },
    column: { default: 'active' },
  },
  labels: {
    old: { name: 'labels', type: 'text', array: true },
    new: { name: 'label_list', type: 'text', array: true },
    column: { nullable: true },
  },
  profile: {
    old: { name: 'profile', type: 'jsonb' },
    new: { name: 'profile_data', type: 'jsonb' },
    column: { nullable: true },
  },
  secret: {
    old: { name: 'secret', type: 'varchar' },
    new: { name: 'secret_text', type: 'text' },
    column: { nullable: true, transformer: backToFront },
  },
  code: {
    old: { name: 'code', type: 'varchar', length: 20 },
    new: { name: 'code_text', type: 'text' },
    constraints: { customers_code_key: 'customers_code_text_key' },
  },
  zip: { old: { name: 'zip', type: 'varchar' }, new: { name: 'postcode', type: 'text' }, column: { nullable: true } },
  title: { old: { name: 'title', type: 'varchar' }, new: { name: 'heading', type: 'text' } },
  quantity: { old: { name: 'quantity', type: 'int4' }, new: { name: 'quantity_big', type: 'int8' } },
  amount: {
    old: { name: 'amount', type: 'int4' },
    new: { name: 'amount_exact', type: 'numeric', precision: 12, scale: 2 },
    forward: (cents: string) => `${cents}::numeric / 100`,
    backward: (exact: string) => `(${exact} * 100)::int4`,
  },
  lastFour: {
    old: { name: 'last_four', type: 'char', length: 4 },
    new: { name: 'card_ending', type: 'varchar', length: 4 },
    column: { nullable: true },
  },
  reference: {
    old: { name: 'reference', type: 'varchar', length: 20 },
    new: { name: 'reference_text', type: 'text' },
    column: { primary: true, primaryKeyConstraintName: 'parcels_pkey' },
  },
  caption: { old: { name: 'caption', type: 'varchar' }, new: { name: 'label', type: 'text' } },
} as const satisfies Record<string, ShopField>

export type FieldName = keyof typeof FIELDS

/** Decorates a migrating property as the shape asks for. */
export function field({ app, migrating }: ShopShape, name: FieldName): PropertyDecorator {
  const { column, forward, backward, constraints, ...sides }: ShopField = FIELDS[name]
  const declareColumn = Column({ ...sides[app], ...column } as ColumnOptions)
  const mappings = { ...(forward && { forward }), ...(backward && { backward }), ...(constraints && { constraints }) }
  // Trees and embedded entities share a declaration, so the flag is made of the table.
  const flag = ({ table }: { readonly table: string }): string => `${table}-${name}`
  const declareMigrating = MigratingColumn(
    app === 'old' ? { to: sides.new, flag, ...mappings } : { from: sides.old, flag, ...mappings },
  )
  return (prototype, property) => {
    declareColumn(prototype, property)
    if (migrating) declareMigrating(prototype, property)
  }
}
