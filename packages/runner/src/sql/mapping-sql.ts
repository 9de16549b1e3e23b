import { renderMappings } from '@expand-contract/sql'
import type { SyncColumn, SyncShape } from './sync-shape.ts'

/** Each column of one side with its value over those of the other, spelled by `value`; assigned, it gets length and precision. */
export function mappingSql(
  shape: SyncShape,
  side: 'old' | 'new',
  value: (column: string) => string,
): readonly { readonly column: SyncColumn; readonly sql: string }[] {
  const all = [...shape.old, ...shape.new]
  const named = (column: string): string => value(all.find(({ declared }) => declared === column)?.name ?? column)
  const rendered = renderMappings(shape.migration, side, named)
  const from = shape[side === 'old' ? 'new' : 'old']
  return shape[side].map((column) => {
    const mapping = rendered.get(column.declared)
    if (mapping === undefined) throw new RangeError(`no mapping for ${column.name}`)
    const copied = from.find(({ declared }) => declared === mapping.copied)
    const same = copied === undefined || copied.bare === column.bare
    // A cast to a domain cuts to the length of the type under it; the assignment that follows raises.
    const target = column.domain ? column.under : column.bare
    return { column, sql: same ? mapping.sql : `(${mapping.sql})::${target}` }
  })
}

/** Types whose values another one takes all of, as they are. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  int2: ['int4', 'int8', 'numeric'],
  int4: ['int8', 'numeric'],
  int8: ['numeric'],
  float4: ['float8'],
  varchar: ['text'],
  text: ['varchar'],
}

/** True when the forward mapping has a value for every row: then WHEN may evaluate it as it stands, for the half of what a guard costs. */
export const cannotFail = (shape: SyncShape): boolean => shape.new.every((column) => takesAll(shape, column))

/** True for a new column that copies an old one, and has a value of its own for each that the old one may have. */
export function takesAll(shape: SyncShape, column: SyncColumn): boolean {
  const mapping = shape.migration.forward[column.declared]
  const copied = shape.old.find(({ declared }) => mapping?.kind === 'column' && declared === mapping.column)
  if (copied === undefined) return false
  if (copied.type === column.type) return true
  const [from, to] = [copied, column].map(({ base }) => base.replace(/^pg_catalog\./u, ''))
  // A modifier limits what fits: `varchar(10)`, `numeric(4)`.
  const plain = !column.domain && !/\(/u.test(column.type)
  return plain && !copied.domain && from !== undefined && to !== undefined && (WIDER[from]?.includes(to) ?? false)
}

/** True where two values of a column are not the same bytes: `=` takes 1.0 for 1.00, and json has none. Between two ROW() the operator `*<>` would be taken apart. */
export const differs = (left: string, right: string, { exact }: Pick<SyncColumn, 'exact'>): string =>
  exact ? `${left} is distinct from ${right}` : `pg_catalog.record_image_ne(row(${left}), row(${right}))`
