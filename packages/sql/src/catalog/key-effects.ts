import type { ForeignKey, KeyEffect, Relation } from './catalog.ts'

/** What foreign keys do to migrating columns, by the oid of the table that is written, near or far. */
export function keyEffects(
  keys: readonly ForeignKey[],
  tables: readonly Relation[],
): ReadonlyMap<number, readonly KeyEffect[]> {
  const effects = new Map<number, KeyEffect[]>()
  const open: (readonly [oid: number, effect: KeyEffect])[] = []
  const add = (oid: number, effect: KeyEffect): void => {
    const known = effects.get(oid) ?? []
    if (known.some((each) => isSame(each, effect))) return
    effects.set(oid, [...known, effect])
    open.push([oid, effect])
  }
  for (const key of keys)
    for (const table of tables) {
      const { columns, references } = key
      if (!key.tables.includes(table.oid) || !isMigrating(table, columns)) continue
      const deleted = key.onDeleteColumns ?? columns
      if (SETS.has(key.onDelete) && isMigrating(table, deleted))
        add(references.oid, { table, columns: deleted, action: key.onDelete, by: 'delete' })
      if (SETS.has(key.onUpdate) || key.onUpdate === 'c')
        add(references.oid, { table, columns, action: key.onUpdate, by: references.columns })
    }
  for (let next = open.pop(); next; next = open.pop()) {
    const [oid, effect] = next
    for (const { tables: of, columns, references, onDelete, onUpdate, onDeleteColumns } of keys) {
      if (!of.includes(oid)) continue
      const { by } = effect
      if (by === 'delete' && onDelete === 'c') add(references.oid, effect)
      if (by === 'delete' || !columns.some((column) => by.includes(column))) continue
      const deleted = onDeleteColumns ?? columns
      if (SETS.has(onDelete) && deleted.some((column) => by.includes(column)))
        add(references.oid, { ...effect, by: 'delete' })
      if (SETS.has(onUpdate) || onUpdate === 'c') add(references.oid, { ...effect, by: references.columns })
    }
  }
  return effects
}

/** SET NULL and SET DEFAULT. */
const SETS = new Set(['n', 'd'])

const isMigrating = ({ migrations }: Relation, columns: readonly string[]): boolean =>
  migrations.some(({ migration }) => [...migration.old, ...migration.new].some(({ name }) => columns.includes(name)))

const isSame = (one: KeyEffect, other: KeyEffect): boolean =>
  one.table === other.table &&
  one.action === other.action &&
  one.columns.join('\0') === other.columns.join('\0') &&
  String(one.by) === String(other.by)
