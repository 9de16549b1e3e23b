import { drawnAgain } from '../mapping/drawn-again.ts'
import { isDuplicableSql, type Repetition } from '../mapping/duplicable.ts'
import { columnOf, logicalFrom, type Stance } from '../resolve/stance.ts'

/**
 * SQL of the value that a logical column gets when nothing is assigned to it: its own default; where it has none, what
 * the defaults of the shadow columns come to, since a default is given to one column of a pair at a time.
 */
export function defaultSql(stance: Stance, logical: string): string {
  return ownDefault(stance, logical) ?? (borrowsDefault(stance, logical) ? borrowed(stance, logical) : 'NULL')
}

function ownDefault(stance: Stance, name: string): string | undefined {
  const column = columnOf(stance, name)
  return column?.identity?.next ?? column?.default
}

export const hasDefault = (stance: Stance, name: string): boolean => ownDefault(stance, name) !== undefined

/** True when the default of a logical column is that of the shadow, so DEFAULT would not do. */
export function borrowsDefault(stance: Stance, logical: string): boolean {
  return !hasDefault(stance, logical) && stance.compiled.shadow.some((name) => hasDefault(stance, name))
}

const borrowed = (stance: Stance, logical: string): string =>
  logicalFrom(stance, logical, (name) => `(${ownDefault(stance, name) ?? 'NULL'})`)

/**
 * True when an omitted logical column has another value each time: it must be drawn once, for both sides. A default that
 * is borrowed goes through the mapping, which is immutable.
 */
export function drawsDefault(stance: Stance, logical: string, atAnyCost = false): boolean {
  const own = ownDefault(stance, logical)
  const drawn = own === undefined ? stance.compiled.shadow.flatMap((name) => ownDefault(stance, name) ?? []) : [own]
  const how = { volatileFunctions: stance.volatileFunctions, atAnyCost }
  return drawn.some((sql) => !isDuplicableSql(sql, how))
}

/** True when a logical column that is left to its default must be given a value all the same, for both sides to agree. */
export const mustGiveDefault = (stance: Stance, logical: string): boolean =>
  borrowsDefault(stance, logical) || drawsDefault(stance, logical)

/** True when the shadow columns have defaults of their own, and alone are written. */
export function shadowDefaults(stance: Stance): boolean {
  return !stance.writesLogical && stance.compiled.shadow.every((name) => hasDefault(stance, name))
}

/** True when no shadow column needs a value because all logical ones are left to a default. */
export function mayOmit(stance: Stance): boolean {
  if (shadowDefaults(stance)) return true
  const { logical, shadow, toShadow } = stance.compiled
  const copies = shadow.every((name) => toShadow.get(name)?.kind === 'column')
  return copies && ![...logical, ...shadow].some((name) => hasDefault(stance, name))
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
export function drawsAgain(stance: Stance, logical: string): DrawnAgain | undefined {
  const { shadow, logical: all } = stance.compiled
  if (!stance.writesLogical || !stance.writesShadow || !drawsDefault(stance, logical, true)) return undefined
  const how: Repetition = { volatileFunctions: stance.volatileFunctions, atAnyCost: true }
  const place = (name: string): number => columnOf(stance, name)?.position ?? 0
  const own = ownDefault(stance, logical)
  if (own !== undefined) {
    const sql = shadow.every((name) => place(logical) < place(name)) ? drawnAgain(own, how) : undefined
    return sql === undefined ? undefined : { sql, byShadow: false }
  }
  if (all.length > 1) return undefined
  const again = new Map<string, string>()
  for (const name of shadow) {
    const sql = ownDefault(stance, name) ?? 'NULL'
    const repeated = isDuplicableSql(sql, how) ? sql : place(name) < place(logical) ? drawnAgain(sql, how) : undefined
    if (repeated === undefined) return undefined
    again.set(name, repeated)
  }
  return { sql: logicalFrom(stance, logical, (name) => `(${again.get(name) ?? 'NULL'})`), byShadow: true }
}
