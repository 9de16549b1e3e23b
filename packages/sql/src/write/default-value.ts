import { drawnAgain } from '../mapping/drawn-again.ts'
import { isDuplicableSql, type Repetition } from '../mapping/duplicable.ts'
import { columnOf, type DecidedMigration, logicalFrom } from '../resolve/decided-migration.ts'

/**
 * SQL of the value that a logical column gets when nothing is assigned to it: its own default; where it has none, what
 * the defaults of the shadow columns come to, since a default is given to one column of a pair at a time.
 */
export function defaultSql(decided: DecidedMigration, logical: string): string {
  return ownDefault(decided, logical) ?? (borrowsDefault(decided, logical) ? borrowed(decided, logical) : 'NULL')
}

function ownDefault(decided: DecidedMigration, name: string): string | undefined {
  const column = columnOf(decided, name)
  return column?.identity?.next ?? column?.default
}

export const hasDefault = (decided: DecidedMigration, name: string): boolean => ownDefault(decided, name) !== undefined

/** True when the default of a logical column is that of the shadow, so DEFAULT would not do. */
export function borrowsDefault(decided: DecidedMigration, logical: string): boolean {
  return !hasDefault(decided, logical) && decided.compiled.shadow.some((name) => hasDefault(decided, name))
}

const borrowed = (decided: DecidedMigration, logical: string): string =>
  logicalFrom(decided, logical, (name) => `(${ownDefault(decided, name) ?? 'NULL'})`)

/**
 * True when an omitted logical column has another value each time: it must be drawn once, for both sides. A default that
 * is borrowed goes through the mapping, which is immutable.
 */
export function drawsDefault(decided: DecidedMigration, logical: string, atAnyCost = false): boolean {
  const own = ownDefault(decided, logical)
  const drawn = own === undefined ? decided.compiled.shadow.flatMap((name) => ownDefault(decided, name) ?? []) : [own]
  const how = { volatileFunctions: decided.volatileFunctions, atAnyCost }
  return drawn.some((sql) => !isDuplicableSql(sql, how))
}

/** True when a logical column that is left to its default must be given a value all the same, for both sides to agree. */
export const mustGiveDefault = (decided: DecidedMigration, logical: string): boolean =>
  borrowsDefault(decided, logical) || drawsDefault(decided, logical)

/** True when the shadow columns have defaults of their own, and alone are written. */
export function shadowDefaults(decided: DecidedMigration): boolean {
  return !decided.writesLogical && decided.compiled.shadow.every((name) => hasDefault(decided, name))
}

/** True when no shadow column needs a value because all logical ones are left to a default. */
export function mayOmit(decided: DecidedMigration): boolean {
  if (shadowDefaults(decided)) return true
  const { logical, shadow, toShadow } = decided.compiled
  const copies = shadow.every((name) => toShadow.get(name)?.kind === 'column')
  return copies && ![...logical, ...shadow].some((name) => hasDefault(decided, name))
}

/** How a column takes a value that PostgreSQL has drawn for the other one, as its default, in the same row. */
export interface DrawnAgain {
  /** The logical column's value. */
  readonly sql: string
  /** The shadow columns draw; otherwise the logical column does. */
  readonly byShadow: boolean
}

/**
 * Where nothing can be computed once, the column that draws a number must stand before the one that takes it again: the
 * values of a row are computed in the order of its columns. undefined where that is not so, or nothing is drawn.
 */
export function drawsAgain(decided: DecidedMigration, logical: string): DrawnAgain | undefined {
  const { shadow, logical: all } = decided.compiled
  if (!decided.writesLogical || !decided.writesShadow || !drawsDefault(decided, logical, true)) return undefined
  const how: Repetition = { volatileFunctions: decided.volatileFunctions, atAnyCost: true }
  const place = (name: string): number => columnOf(decided, name)?.position ?? 0
  const own = ownDefault(decided, logical)
  if (own !== undefined) {
    const sql = shadow.every((name) => place(logical) < place(name)) ? drawnAgain(own, how) : undefined
    return sql === undefined ? undefined : { sql, byShadow: false }
  }
  if (all.length > 1) return undefined
  const again = new Map<string, string>()
  for (const name of shadow) {
    const sql = ownDefault(decided, name) ?? 'NULL'
    const repeated = isDuplicableSql(sql, how) ? sql : place(name) < place(logical) ? drawnAgain(sql, how) : undefined
    if (repeated === undefined) return undefined
    again.set(name, repeated)
  }
  return { sql: logicalFrom(decided, logical, (name) => `(${again.get(name) ?? 'NULL'})`), byShadow: true }
}
