import { takesAll } from '../sql/mapping-sql.ts'
import type { SyncShape } from '../sql/sync-shape.ts'

/**
 * `same`: it copies a column of its type. `wider`: it copies one of a type of which it takes all values, each as another. `changed`: it is
 * computed, or cast to a type that has not all values: two old values may become one, or none.
 */
export type PairKind = 'same' | 'wider' | 'changed'

/** An old column and the one new column that stands for it. */
export interface ColumnPair {
  readonly old: string
  readonly new: string
  readonly kind: PairKind
  /** The types under domains, without their schema: `int4`. */
  readonly oldType: string
  readonly newType: string
  /** float4 and float8, text and varchar, ...: operators of both types at once are in one family. */
  readonly oneFamily: boolean
}

const FAMILIES = [
  ['int2', 'int4', 'int8'],
  ['text', 'varchar'],
  ['float4', 'float8'],
]

const baseName = (base: string): string => base.replace(/^pg_catalog\./u, '')

/** The old columns that have a counterpart of their own: those of a rename or a change, and the ones that a split or merge copies. */
export function columnPairs(shape: SyncShape): readonly ColumnPair[] {
  const { migration } = shape
  const alone = shape.old.length === 1 && shape.new.length === 1
  return shape.new.flatMap((column) => {
    const mapping = migration.forward[column.declared]
    const old = alone
      ? shape.old[0]
      : shape.old.find(({ declared }) => mapping?.kind === 'column' && mapping.column === declared)
    if (old === undefined) return []
    const whole = takesAll(shape, column)
    const [oldType, newType] = [baseName(old.base), baseName(column.base)]
    return {
      ...{ old: old.name, new: column.name, kind: whole ? (old.type === column.type ? 'same' : 'wider') : 'changed' },
      ...{ oldType, newType },
      oneFamily: oldType === newType || FAMILIES.some((each) => each.includes(oldType) && each.includes(newType)),
    }
  })
}

/** Between which PostgreSQL casts by itself where a new column is wider; texts always, whose printed expressions are not read as they are printed. */
export const alikeTypes = (pairs: readonly ColumnPair[]): ReadonlySet<string> =>
  new Set(
    FAMILIES.filter(
      (each) =>
        each.includes('text') ||
        pairs.some((pair) => isAlike(pair) && pair.kind === 'wider' && each.includes(pair.oldType)),
    ).flat(),
  )

/** Operators, and operator classes, of the old type take the new one. */
export const isAlike = ({ kind, oneFamily }: ColumnPair): boolean => kind === 'same' || (kind === 'wider' && oneFamily)
