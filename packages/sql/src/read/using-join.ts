import type { JoinExpr } from 'libpg-query'
import type { ColumnType } from '../catalog/catalog.ts'
import { nameStrings } from '../parse/name-strings.ts'
import { commonType } from '../resolve/common-type.ts'
import { type DecidedMigration, losesLimit } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import {
  innerScope,
  joinNamespaces,
  type Namespace,
  ownerOf,
  type Scope,
  sourcesOf,
  type VisibleColumn,
} from '../resolve/scope.ts'
import { deriveAll, hasMigrating } from './derived-tables.ts'
import { canWriteOn, type NamedJoin, typeInView } from './using-as-on.ts'

export function namedJoin(node: JoinExpr, { left, right }: Pick<NamedJoin, 'left' | 'right'>): NamedJoin {
  return { node, left, right, using: node.isNatural ? commonNames(left, right) : nameStrings(node.usingClause) }
}

const commonNames = (left: Namespace, right: Namespace): readonly string[] =>
  left.columns.map((column) => column.name).filter((name) => right.columns.some((column) => column.name === name))

/** What a join brings into view; `decided` when it is written with ON. */
export function mergedView({ node, left, right, using }: NamedJoin, decided: DecidedMigration | undefined): Namespace {
  const rest = (namespace: Namespace): readonly VisibleColumn[] =>
    namespace.columns.filter((column) => !using.includes(column.name))
  const merged = using.flatMap((name): readonly VisibleColumn[] => {
    const [one, other] = [left, right].map((namespace) => namespace.columns.find((column) => column.name === name))
    if (one === undefined || other === undefined) return unknownMerge(one ?? other, one ? right : left)
    const sources = node.jointype === 'JOIN_RIGHT' ? [other, one] : [one, other]
    const read = node.jointype === 'JOIN_FULL' ? sources : sources.slice(0, 1)
    const column: VisibleColumn = {
      ...one,
      merged: sources.flatMap((source) => source.merged ?? [source.entry]),
      cast: castOf(one, other, read),
      asOn: undefined,
    }
    return [decided ? { ...column, asOn: { of: read.flatMap(sourcesOf), decided } } : column]
  })
  return { ...joinNamespaces(left, right), columns: [...merged, ...rest(left), ...rest(right)] }
}

/** A column that is known on one side alone; the other side has it among those that are not. */
function unknownMerge(known: VisibleColumn | undefined, far: Namespace): readonly VisibleColumn[] {
  const open = far.plain.find((entry) => entry.open)
  return known && open ? [{ ...known, merged: [...(known.merged ?? [known.entry]), open], cast: undefined }] : []
}

/** What a merged column is cast to, unless it is read with that type anyway. */
function castOf(left: VisibleColumn, right: VisibleColumn, read: readonly VisibleColumn[]): ColumnType | undefined {
  const cast = commonType(typeInView(left), typeInView(right))?.cast
  const [column, ...others] = read
  const owner = column && others.length === 0 ? ownerOf(column) : undefined
  const decided = owner?.table?.logical.columns.find(({ name }) => name === column?.name)?.decided
  const type = column && owner?.typeOf?.(column.name)
  const bare = decided && column && owner?.table?.reads(decided) === 'shadow' && losesLimit(decided, column.name)
  const same = type !== undefined && type.bare === cast?.bare && (bare || type.modifier === -1)
  return same ? undefined : cast
}

/** True once for each join that merges columns of a migrating table. */
export function mustExamine(context: PlanContext, node: JoinExpr): boolean {
  if (!(node.usingClause || node.isNatural) || context.examined.has(node)) return false
  context.examined.add(node)
  return hasMigrating(context, node)
}

/**
 * USING and NATURAL name columns of both sides at once, so the name itself cannot be replaced: where it is a migrating
 * column that is read from the shadow, or where a shadow column could be taken for a common one, the join is written with
 * ON. Where that is not possible either, its tables get sub-selects.
 */
export function examineJoin(context: PlanContext, join: NamedJoin, scope: Scope): void {
  const { node, left, right, using } = join
  const asOn = [...left.columns, ...right.columns].find((column) => column.asOn && using.includes(column.name))
  const decided = captured(join) ?? asOn?.asOn?.decided
  if (decided === undefined) return
  const unknown = node.isNatural && [...left.plain, ...right.plain].some((entry) => entry.open)
  if (!unknown && canWriteOn(context, join, innerScope(scope, joinNamespaces(left, right))))
    context.asOn.set(node, decided)
  else deriveAll(context, node)
}

/** The migration for which the join cannot stay as it is. */
function captured({ node, left, right, using }: NamedJoin): DecidedMigration | undefined {
  const natural = node.isNatural === true
  const of = (near: Namespace, far: Namespace): readonly DecidedMigration[] =>
    near.plain.flatMap(({ table }) => {
      if (table?.node === undefined) return []
      const unknown = natural && far.plain.some((other) => other.open)
      const own = table.logical.columns.flatMap(({ name, decided }) =>
        decided && (unknown || (decided.read === 'shadow' && using.includes(name))) ? [decided] : [],
      )
      const hidden = [...table.logical.hidden].flatMap(([name, decided]) => {
        const named = natural ? far.columns.some((column) => column.name === name) : using.includes(name)
        return named || unknown ? [decided] : []
      })
      return [...own, ...hidden]
    })
  return [...of(left, right), ...of(right, left)][0]
}
