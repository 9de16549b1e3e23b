import { columnOf, type DecidedMigration, logicalFrom } from '../resolve/decided-migration.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { borrowsDefault } from './default-value.ts'
import { type Assigned, isDefault } from './written-values.ts'

/** How both sides of one identity column get the value that PostgreSQL draws for it. */
interface DrawnIdentity {
  /** The column that is set to DEFAULT, which is all that GENERATED ALWAYS lets it be set to (428C9). */
  readonly column: string
  /** SQL of the logical column's value. */
  readonly logical: string
}

/**
 * `id = DEFAULT` in an UPDATE, where the column, or the one of the other side whose default it has, is GENERATED ALWAYS:
 * that one is left to PostgreSQL, and the other takes what was drawn. Values are computed in the order of the columns
 * (rewriteTargetListIU), so the other must stand behind.
 */
export function drawnIdentity(decided: DecidedMigration, logical: string, value: Assigned): DrawnIdentity | undefined {
  if (!decided.writesLogical || !isDefault(value.node)) return undefined
  const { shadow } = decided.compiled
  const borrowed = borrowsDefault(decided, logical)
  const columns = borrowed ? shadow : [logical]
  const column = columns.find((name) => columnOf(decided, name)?.identity?.always)
  if (column === undefined) return undefined
  const drawn = columnOf(decided, column)
  const others = borrowed ? [logical] : shadow
  const behind = others.every((name) => (columnOf(decided, name)?.position ?? 0) > (drawn?.position ?? 0))
  if (!behind || (borrowed && (shadow.length > 1 || decided.compiled.logical.length > 1)))
    throw new Unprovable('write', decided, 'evaluated-twice', value.range.start)
  const sql = drawn?.identity?.next.replace('nextval', 'currval') ?? 'NULL'
  return { column, logical: borrowed ? logicalFrom(decided, logical, () => sql) : sql }
}
