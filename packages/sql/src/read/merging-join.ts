import type { JoinExpr } from 'libpg-query'
import type { ColumnType } from '../catalog/catalog.ts'
import { nameStrings } from '../parse/name-strings.ts'
import { commonType } from '../resolve/common-type.ts'
import {
  innerScope,
  joinViews,
  ownerOf,
  type Scope,
  sourcesOf,
  type View,
  type VisibleColumn,
} from '../resolve/scope.ts'
import { losesLimit, type Stance } from '../resolve/stance.ts'
import type { Work } from '../resolve/work.ts'
import { deriveAll, migratingTables } from './derived-tables.ts'
import { canSpell, type NamedJoin, typeInView } from './spelled-join.ts'

export function namedJoin(node: JoinExpr, { left, right }: Pick<NamedJoin, 'left' | 'right'>): NamedJoin {
  return { node, left, right, using: node.isNatural ? commonNames(left, right) : nameStrings(node.usingClause) }
}

const commonNames = (left: View, right: View): readonly string[] =>
  left.columns.map((column) => column.name).filter((name) => right.columns.some((column) => column.name === name))

/** What a join brings into view; `stance` when it is written with ON. */
export function mergedView({ node, left, right, using }: NamedJoin, stance: Stance | undefined): View {
  const rest = (view: View): readonly VisibleColumn[] => view.columns.filter((column) => !using.includes(column.name))
  const merged = using.flatMap((name): readonly VisibleColumn[] => {
    const [one, other] = [left, right].map((view) => view.columns.find((column) => column.name === name))
    if (one === undefined || other === undefined) return unknownMerge(one ?? other, one ? right : left)
    const sources = node.jointype === 'JOIN_RIGHT' ? [other, one] : [one, other]
    const read = node.jointype === 'JOIN_FULL' ? sources : sources.slice(0, 1)
    const column: VisibleColumn = {
      ...one,
      merged: sources.flatMap((source) => source.merged ?? [source.entry]),
      cast: castOf(one, other, read),
      spelled: undefined,
    }
    return [stance ? { ...column, spelled: { of: read.flatMap(sourcesOf), stance } } : column]
  })
  return { ...joinViews(left, right), columns: [...merged, ...rest(left), ...rest(right)] }
}

/** A column that is known on one side alone; the other side has it among those that are not. */
function unknownMerge(known: VisibleColumn | undefined, far: View): readonly VisibleColumn[] {
  const open = far.plain.find((entry) => entry.open)
  return known && open ? [{ ...known, merged: [...(known.merged ?? [known.entry]), open], cast: undefined }] : []
}

/** What a merged column is cast to, unless it is read with that type anyway. */
function castOf(left: VisibleColumn, right: VisibleColumn, read: readonly VisibleColumn[]): ColumnType | undefined {
  const cast = commonType(typeInView(left), typeInView(right))?.cast
  const [column, ...others] = read
  const owner = column && others.length === 0 ? ownerOf(column) : undefined
  const stance = owner?.table?.logical.columns.find(({ name }) => name === column?.name)?.stance
  const type = column && owner?.typeOf?.(column.name)
  const bare = stance && column && owner?.table?.reads(stance) === 'shadow' && losesLimit(stance, column.name)
  const same = type !== undefined && type.bare === cast?.bare && (bare || type.modifier === -1)
  return same ? undefined : cast
}

/** True once for each join that merges columns of a migrating table. */
export function mustExamine(work: Work, node: JoinExpr): boolean {
  if (!(node.usingClause || node.isNatural) || work.examined.has(node)) return false
  work.examined.add(node)
  return migratingTables(work, node).length > 0
}

/**
 * USING and NATURAL name columns of both sides at once, so the name itself cannot be replaced: where it is a migrating
 * column that is read from the shadow, or where a shadow column could be taken for a common one, the join is written with
 * ON. Where that is not possible either, its tables get sub-selects.
 */
export function examineJoin(work: Work, join: NamedJoin, scope: Scope): void {
  const { node, left, right, using } = join
  const spelled = [...left.columns, ...right.columns].find((column) => column.spelled && using.includes(column.name))
  const stance = captured(join) ?? spelled?.spelled?.stance
  if (stance === undefined) return
  const unknown = node.isNatural && [...left.plain, ...right.plain].some((entry) => entry.open)
  if (!unknown && canSpell(work, join, innerScope(scope, joinViews(left, right)))) work.spelled.set(node, stance)
  else deriveAll(work, node)
}

/** The migration for which the join cannot stay as it is. */
function captured({ node, left, right, using }: NamedJoin): Stance | undefined {
  const natural = node.isNatural === true
  const of = (near: View, far: View): readonly Stance[] =>
    near.plain.flatMap(({ table }) => {
      if (table?.node === undefined) return []
      const unknown = natural && far.plain.some((other) => other.open)
      const own = table.logical.columns.flatMap(({ name, stance }) =>
        stance && (unknown || (stance.read === 'shadow' && using.includes(name))) ? [stance] : [],
      )
      const hidden = [...table.logical.hidden].flatMap(([name, stance]) => {
        const named = natural ? far.columns.some((column) => column.name === name) : using.includes(name)
        return named || unknown ? [stance] : []
      })
      return [...own, ...hidden]
    })
  return [...of(left, right), ...of(right, left)][0]
}
