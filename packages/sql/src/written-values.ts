import { quoteIdentifier } from '@expand-contract/core'
import type { Node } from 'libpg-query'
import { isDuplicable, isDuplicableSql } from './duplicable.ts'
import { usesOf } from './mapping-template.ts'
import type { Range } from './source-text.ts'
import { columnOf, type Stance, typeOf } from './stance.ts'
import type { Work } from './work.ts'

/** A value that a statement assigns to a logical column. */
export interface Assigned {
  readonly node: Node
  readonly range: Range
}

export const isDefault = (node: Node): boolean => 'SetToDefault' in node

/** SQL of the value that a logical column gets when nothing is assigned to it. */
export function defaultSql(stance: Stance, logical: string): string {
  const column = columnOf(stance, logical)
  return column?.identity?.next ?? column?.default ?? 'NULL'
}

/** True when an omitted logical column has another value each time: it must be drawn once, for both sides. */
export const drawsDefault = (stance: Stance, logical: string): boolean => !isDuplicableSql(defaultSql(stance, logical))

/** How often the shadow columns use a logical one. */
function uses(stance: Stance, logical: string): number {
  let count = 0
  for (const mapping of stance.compiled.toShadow.values())
    count += mapping.kind === 'column' ? Number(mapping.column === logical) : usesOf(mapping.template, logical)
  return count
}

/** True when a value may be written out wherever both sides need it. */
export function mayRepeat(stance: Stance, logical: string, value: Node): boolean {
  if (!stance.writesLogical && uses(stance, logical) <= 1) return true
  return isDefault(value) ? !drawsDefault(stance, logical) : isDuplicable(value)
}

/** SQL of an assigned value with its references planned; DEFAULT is spelled out. */
export function assignedSql(work: Work, stance: Stance, logical: string, value: Assigned): string {
  return isDefault(value.node) ? defaultSql(stance, logical) : work.edits.render(value.range)
}

/**
 * Takes a value out of its place and makes it a one-row table of the statement, evaluated at most once; what is returned
 * reads it. For VALUES, where no column can be referred to.
 */
export function evaluateOnce(work: Work, sql: string): string {
  const name = `ec_once_${work.once.length + 1}`
  work.once.push(`${name} AS MATERIALIZED (SELECT ${sql} AS v)`)
  return `(SELECT v FROM ${name})`
}

/** True when no shadow column needs a value because all logical ones are left to a default. */
export function mayOmit(stance: Stance): boolean {
  if (shadowDefaults(stance)) return true
  const { logical, shadow, toShadow } = stance.compiled
  const copies = shadow.every((name) => toShadow.get(name)?.kind === 'column')
  return copies && !logical.some((name) => isDrawn(stance, name)) && !shadow.some((name) => isDrawn(stance, name))
}

function isDrawn(stance: Stance, name: string): boolean {
  const column = columnOf(stance, name)
  return column?.default !== undefined || column?.identity !== undefined
}

/** True when the shadow columns have defaults of their own, which replace those of the dropped columns. */
export function shadowDefaults(stance: Stance): boolean {
  return !stance.writesLogical && stance.compiled.shadow.every((name) => isDrawn(stance, name))
}

/** An untyped literal or parameter, which would become text where it is no longer assigned directly. */
export function isUntyped(node: Node | undefined): boolean {
  if (node === undefined) return false
  if ('ParamRef' in node) return true
  return 'A_Const' in node && (node.A_Const.sval !== undefined || node.A_Const.isnull === true)
}

/** A type for a value that is assigned to a column of the table; undefined for an unknown column. */
export function assignmentType(stances: readonly Stance[], name: string): string | undefined {
  const stance = stances.find((each) => each.compiled.logical.includes(name))
  if (stance) return typeOf(stance, name)?.bare
  return stances[0]?.relation.columns.find((column) => column.name === name)?.type.bare
}

export const quoted = (names: readonly string[]): string => names.map(quoteIdentifier).join(', ')
