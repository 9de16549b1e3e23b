import { isDuplicableSql } from './duplicable.ts'
import { columnOf, logicalFrom, type Stance } from './stance.ts'

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

const hasDefault = (stance: Stance, name: string): boolean => ownDefault(stance, name) !== undefined

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
