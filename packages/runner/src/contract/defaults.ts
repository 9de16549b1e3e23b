import { hasOneValue } from '@expand-contract/sql'
import { runnerError } from '../runner-error.ts'
import { mappingSql } from '../sql/mapping-sql.ts'
import type { SyncColumn, SyncShape } from '../sql/sync-shape.ts'
import type { ColumnState } from './column-states.ts'

/** A sequence has bigints: by way of the old type the new column would end where the old one does. */
const DRAWN = /^(?:pg_catalog\.)?nextval\('(?:[^']|'')+'::(?:pg_catalog\.)?regclass\)$/u
const WHOLE: ReadonlySet<string> = new Set(['pg_catalog.int2', 'pg_catalog.int4', 'pg_catalog.int8'])

/** What an INSERT that leaves the column out gives it. */
const effective = (state: ColumnState | undefined): string | undefined => state?.default ?? state?.typeDefault

/**
 * The defaults of the new columns on one member, over those of the old ones; empty where these have none.
 * @throws EC_CONTRACT_DEFAULT where a value that is another each time would be computed twice
 */
export function movedDefaults(shape: SyncShape, old: readonly ColumnState[]): ReadonlyMap<string, string> {
  const defaultOf = (name: string): string | undefined => effective(old.find(({ column }) => column === name))
  if (shape.old.every(({ name }) => defaultOf(name) === undefined)) return new Map()
  const used: string[] = []
  const columns = mappingSql(shape, 'new', (name) => {
    used.push(name)
    const column = shape.old.find((each) => each.name === name)
    const sql = defaultOf(name) ?? 'NULL'
    return DRAWN.test(sql) && WHOLE.has(column?.base ?? '') ? `(${sql})` : `(${sql})::${column?.bare}`
  })
  for (const { name, declared } of shape.old) {
    const sql = defaultOf(name)
    const twice = used.filter((each) => each === name).length > 1
    if (sql !== undefined && twice && !hasOneValue(sql)) refuse(shape, declared)
  }
  return new Map(columns.map(({ column, sql }) => [column.name, sql]))
}

function refuse({ migration }: SyncShape, column: string): never {
  throw runnerError('EC_CONTRACT_DEFAULT', {
    message: `The default of ${JSON.stringify(column)} has another value each time, and the mapping of ${migration.id} takes it more than once, so it cannot be the default of the new columns.`,
    hint: `Drop it (ALTER COLUMN ${JSON.stringify(column)} DROP DEFAULT), and let the application give the value.`,
    migration: migration.id,
  })
}

/** The shape as it was before `contract`. */
export function restoredShape(shape: SyncShape, was: readonly ColumnState[]): SyncShape {
  return {
    ...shape,
    old: shape.old.map((column) => {
      const own = was.filter((state) => state.column === column.name)
      const all = [...new Set(own.flatMap((state) => [state.default ?? [], state.typeDefault ?? []].flat()))].sort()
      const drawn = own.some(({ identity }) => identity !== undefined) || !all.every(hasOneValue)
      return { ...column, defaults: all.filter(hasOneValue), drawn }
    }),
    new: shape.new.map((column) => ({ ...column, defaults: [], drawn: false })),
  }
}

/** The shape as it is behind `contract`: the new columns carry the defaults, and the old ones none. */
export function contractedShape(shape: SyncShape, moved: readonly ReadonlyMap<string, string>[]): SyncShape {
  const plain = (column: SyncColumn): SyncColumn => ({ ...column, defaults: [], drawn: false })
  const identity = shape.old.some(({ name }) => shape.table.columns.find((each) => each.name === name)?.identity)
  return {
    ...shape,
    old: shape.old.map(plain),
    new: shape.new.map((column) => {
      const all = [...new Set([...column.defaults, ...moved.flatMap((defaults) => defaults.get(column.name) ?? [])])]
      const told = all.filter(hasOneValue)
      return { ...column, defaults: told, drawn: column.drawn || identity || told.length < all.length }
    }),
  }
}
