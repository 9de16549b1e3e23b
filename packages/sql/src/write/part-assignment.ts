import { quoteIdentifier } from '@expand-contract/core'
import type { Node } from 'libpg-query'
import { isDuplicable } from '../mapping/duplicable.ts'
import { leadingName } from '../parse/places.ts'
import type { Range } from '../parse/source-text.ts'
import { type DecidedMigration, sameType, typeOf } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { type Assigned, isDefault, isUntyped } from './written-values.ts'

/** `column[1] = value` */
export interface PartItem extends Assigned {
  readonly column: string
  /** The column with what stands behind it. */
  readonly name: Range
  /** The subscripts; empty for the whole column. */
  readonly indirection: readonly Node[]
}

interface Parts {
  readonly decided: DecidedMigration
  readonly items: readonly PartItem[]
  readonly qualifier: string
}

/**
 * Plans assignments to parts of a renamed array or jsonb. Written alone, the shadow takes the logical column's place.
 * Beside it, the shadow gets what the logical column will be, whatever it is itself: it may not have been filled yet.
 */
export function planParts(context: PlanContext, parts: Parts): void {
  const { decided, items } = parts
  const [column] = decided.compiled.shadow
  const [first] = items
  if (first === undefined) return
  if (column === undefined || !isRenamed(decided, column, first.column) || !items.every(hasSubscripts))
    throw refused(decided, first)
  if (!decided.writesLogical) {
    for (const { name } of items) context.edits.replace(leadingName(context.source, name), quoteIdentifier(column))
    return
  }
  const type = typeOf(decided, first.column)
  const set =
    type?.base === 'pg_catalog.jsonb' ? jsonbParts(context, parts, column) : arrayParts(context, parts, column)
  const last = items.at(-1)
  if (last) context.edits.after(last.range.end, set.map((item) => `, ${item}`).join(''))
}

const refused = (decided: DecidedMigration, { name }: PartItem): Unprovable =>
  new Unprovable('write', decided, 'subscript-assignment', name.start)

export const hasSubscripts = ({ indirection }: Pick<PartItem, 'indirection'>): boolean =>
  indirection.length > 0 && indirection.every((part) => 'A_Indices' in part)

/** One column under another name: parts of the two are the same parts. */
export function isRenamed({ compiled, ...decided }: DecidedMigration, shadow: string, logical: string): boolean {
  const { toLogical, toShadow } = compiled
  if (compiled.logical.length > 1 || compiled.shadow.length > 1) return false
  if (toShadow.get(shadow)?.kind !== 'column' || toLogical.get(logical)?.kind !== 'column') return false
  const whole = { compiled, ...decided }
  return sameType(typeOf(whole, logical), typeOf(whole, shadow))
}

/** There is no place where a value could be computed once for both. */
const how = ({ volatileFunctions }: DecidedMigration) => ({ volatileFunctions, atAnyCost: true })

export const mayStandTwice = (decided: DecidedMigration, { node, indirection }: PartItem): boolean =>
  !isDefault(node) &&
  isDuplicable(node, how(decided)) &&
  indirection.every(
    (part) =>
      'A_Indices' in part &&
      isDuplicable(part.A_Indices.uidx, how(decided)) &&
      isDuplicable(part.A_Indices.lidx, how(decided)),
  )

/**
 * Several assignments to parts of one column count one after the other: the first is that of all elements that the logical
 * column has, which are its own as long as the two are in step. Of an array without elements, nothing is assigned.
 */
function arrayParts(context: PlanContext, { decided, items, qualifier }: Parts, column: string): readonly string[] {
  const [first] = items
  if (first === undefined) return []
  const wrong = items.find(
    (item) => !mayStandTwice(decided, item) || item.indirection.length !== first.indirection.length,
  )
  if (wrong) throw refused(decided, wrong)
  const logical = `${qualifier}.${quoteIdentifier(first.column)}`
  const bound = (of: 'lower' | 'upper', dimension: number): string =>
    `COALESCE(pg_catalog.array_${of}(${logical}, ${dimension}), ${of === 'lower' ? 1 : 0})`
  const slices = first.indirection.map((_, index) => `[${bound('lower', index + 1)}:${bound('upper', index + 1)}]`)
  const parts = items.map(({ name, range }) => {
    const subscripts = context.edits.render({ start: leadingName(context.source, name).end, end: name.end })
    return `${quoteIdentifier(column)}${subscripts} = ${context.edits.render(range)}`
  })
  return [`${quoteIdentifier(column)}${slices.join('')} = ${logical}`, ...parts]
}

/** The whole value by jsonb_set, which does the same for keys that are no numbers: those may be places in an array. */
function jsonbParts(context: PlanContext, { decided, items, qualifier }: Parts, column: string): readonly string[] {
  let value: string | undefined
  for (const item of items) {
    const keys = item.indirection.map(keyOf)
    if (keys.includes(undefined) || !mayStandTwice(decided, item)) throw refused(decided, item)
    const sql = context.edits.render(item.range)
    const assigned = `COALESCE(${isUntyped(item.node) ? `(${sql})::pg_catalog.jsonb` : `pg_catalog.to_jsonb(${sql})`}, 'null'::pg_catalog.jsonb)`
    value = withPart(
      value ?? `${qualifier}.${quoteIdentifier(item.column)}`,
      keys.flatMap((key) => key ?? []),
      assigned,
    )
  }
  return value === undefined ? [] : [`${quoteIdentifier(column)} = ${value}`]
}

function withPart(whole: string, [key = '', ...rest]: readonly string[], value: string): string {
  const literal = `'${key.replaceAll("'", "''")}'`
  const inner = rest.length === 0 ? value : withPart(`(${whole} -> ${literal})`, rest, value)
  return `pg_catalog.jsonb_set(COALESCE(${whole}, '{}'::pg_catalog.jsonb), ARRAY[${literal}], ${inner}, true)`
}

/** A key that is written as it is; with a backslash in it, what it says depends on settings. */
function keyOf(part: Node): string | undefined {
  if (!('A_Indices' in part) || part.A_Indices.is_slice || part.A_Indices.lidx) return undefined
  const { uidx } = part.A_Indices
  const key = uidx && 'A_Const' in uidx ? uidx.A_Const.sval?.sval : undefined
  return key === undefined || key.includes('\\') || /^\s*[-+]?\d/u.test(key) ? undefined : key
}
