import { MigratingColumn, type MigratingColumnOptions, type OtherColumn } from '@expand-contract/typeorm'
import { Column, type ColumnOptions } from 'typeorm'

/** The side that the entities are written against. */
export type AppSide = 'old' | 'new'

/** How the entities of a shop are made. */
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
  token: {
    old: { name: 'token', type: 'uuid' },
    new: { name: 'public_id', type: 'varchar' },
    column: { generated: 'uuid' },
  },
  revision: { old: { name: 'revision', type: 'int4' }, new: { name: 'revision_big', type: 'int8' } },
  madeAt: { old: { name: 'made', type: 'timestamptz' }, new: { name: 'made_at', type: 'timestamptz' } },
  changedAt: { old: { name: 'changed', type: 'timestamptz' }, new: { name: 'changed_at', type: 'timestamptz' } },
  goneAt: { old: { name: 'gone', type: 'timestamptz' }, new: { name: 'gone_at', type: 'timestamptz' } },
  seat: {
    old: { name: 'seat', type: 'varchar', length: 20 },
    new: { name: 'seat_text', type: 'text' },
    column: { primary: true, primaryKeyConstraintName: 'tickets_pkey' },
  },
  perks: {
    old: { name: 'perks', type: 'simple-array' },
    new: { name: 'perk_list', type: 'text', array: true },
    column: { nullable: true },
    forward: (perks: string) => `string_to_array(${perks}, ',')`,
    backward: (list: string) => `array_to_string(${list}, ',')`,
  },
  extras: {
    old: { name: 'extras', type: 'simple-json' },
    new: { name: 'extra_data', type: 'simple-json' },
    column: { nullable: true },
  },
  tier: {
    old: { name: 'tier', type: 'simple-enum', enum: ['stalls', 'box'], enumName: 'ticket_tier' },
    new: { name: 'category', type: 'enum', enum: ['stalls', 'box'], enumName: 'ticket_tier' },
    column: { default: 'stalls' },
  },
  remark: {
    old: { name: 'remark', type: 'varchar' },
    new: { name: 'remark_text', type: 'text' },
    column: { select: false, nullable: true },
  },
  origin: {
    old: { name: 'origin', type: 'varchar' },
    new: { name: 'origin_text', type: 'text' },
    column: { insert: false, default: 'web' },
  },
  serialNumber: {
    old: { name: 'serial_number', type: 'int4' },
    new: { name: 'serial_number_big', type: 'int8' },
    column: { update: false, nullable: true },
  },
  soldOn: {
    old: { name: 'sold_on', type: 'date' },
    new: { name: 'sold_date', type: 'date' },
    column: { default: () => "'2024-05-01'" },
  },
  buyerId: { old: { name: 'buyer_id', type: 'int4' }, new: { name: 'buyer_big', type: 'int8' } },
  number: {
    old: { name: 'number', type: 'int4' },
    new: { name: 'number_big', type: 'int8' },
    column: { primaryKeyConstraintName: 'counters_pkey' },
  },
  species: { old: { name: 'species', type: 'varchar' }, new: { name: 'kind_of_animal', type: 'text' } },
} as const satisfies Record<string, ShopField>

export type FieldName = keyof typeof FIELDS

/** Decorates a migrating property as the shape asks for; with something else than `@Column` where it is of another kind. */
export function field(
  { app, migrating }: ShopShape,
  name: FieldName,
  declare: (options: ColumnOptions) => PropertyDecorator = Column,
): PropertyDecorator {
  const { column, forward, backward, constraints, ...sides }: ShopField = FIELDS[name]
  const declareColumn = declare({ ...sides[app], ...column } as ColumnOptions)
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
