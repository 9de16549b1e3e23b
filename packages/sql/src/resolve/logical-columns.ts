import type { Relation, RelationFacts } from '../catalog/catalog.ts'
import {
  declaredOrder,
  fitsDeclaration,
  type GoneColumn,
  inheritedOrder,
  possibleOrders,
  type StandingColumn,
  standingColumns,
} from './column-places.ts'
import type { DecidedMigration } from './decided-migration.ts'

/** A column of a migrating table as the application knows it; `decided` is set for those under way. */
export interface LogicalColumn {
  readonly name: string
  readonly decided: DecidedMigration | undefined
}

export interface LogicalTable {
  /** In the order that `*` has for the application. */
  readonly columns: readonly LogicalColumn[]
  /** Shadow columns: not there, for the application. They may appear at any moment, so they count before they exist. */
  readonly hidden: ReadonlyMap<string, DecidedMigration>
  /** False where the place of a dropped column had to be guessed: at the end. */
  readonly placed: boolean
  /** Set where not even a guess will do, as for a partition whose columns stand in an order of its own. */
  readonly disordered: DecidedMigration | undefined
}

/**
 * The columns of a relation as the application knows them. A logical column that is not there yet will be appended; one
 * that is there no more stands where `after` says, or in the place of the attribute that was dropped.
 */
export function logicalTable(relation: Relation, decidedMigrations: readonly DecidedMigration[]): LogicalTable {
  const { hidden, owner } = ownersOf(decidedMigrations)
  const { order, placed } = orderOf(relation, decidedMigrations, { hidden, owner })
  const inherits = decidedMigrations.some(({ bound }) => bound.inheritedFrom !== undefined)
  return {
    columns: order.map((name) => ({ name, decided: owner.get(name) })),
    hidden,
    placed,
    disordered: placed || !inherits ? undefined : decidedMigrations.find(({ hasLogical }) => !hasLogical),
  }
}

/** Which migration a shadow column and a logical one is of. */
interface Owners {
  readonly hidden: ReadonlyMap<string, DecidedMigration>
  readonly owner: ReadonlyMap<string, DecidedMigration>
}

function ownersOf(decidedMigrations: readonly DecidedMigration[]): Owners {
  const of = (side: 'shadow' | 'logical') =>
    new Map(decidedMigrations.flatMap((decided) => decided.compiled[side].map((name) => [name, decided] as const)))
  return { hidden: of('shadow'), owner: of('logical') }
}

interface Order {
  readonly order: readonly string[]
  readonly placed: boolean
}

function orderOf(
  relation: RelationFacts,
  decidedMigrations: readonly DecidedMigration[],
  { hidden, owner }: Owners,
): Order {
  const standing = standingColumns(relation, owner).filter(({ name }) => !hidden.has(name))
  const live = standing.map(({ name }) => name)
  const missing = decidedMigrations.flatMap((decided) =>
    decided.compiled.logical.flatMap((name) => (live.includes(name) ? [] : [{ name, decided }])),
  )
  const [gone, coming] = ['old', 'new'].map((side) =>
    missing.filter(({ decided }) => decided.compiled.logicalSide === side),
  )
  const order = gone && gone.length > 0 ? placesOf(relation, decidedMigrations, standing, gone) : live
  const rest = (coming ?? []).map(({ name }) => name)
  if (order !== undefined) return { order: [...order, ...rest], placed: true }
  return { order: [...live, ...(gone ?? []).map(({ name }) => name), ...rest], placed: false }
}

function placesOf(
  relation: RelationFacts,
  decidedMigrations: readonly DecidedMigration[],
  standing: readonly StandingColumn[],
  gone: readonly GoneColumn[],
): readonly string[] | undefined {
  const live = standing.map(({ name }) => name)
  const above = new Set(decidedMigrations.map(({ bound }) => bound.inheritedFrom))
  const orders = possibleOrders(relation, standing, gone)
  const [first, ...others] = orders
  if (above.size === 1 && above.has(undefined)) {
    // Of migrations that are declared behind the same column their attributes tell the order.
    const fitting = orders.filter((order) => fitsDeclaration(order, gone))
    const declared = fitting.length === 1 ? fitting[0] : declaredOrder(live, gone)
    return declared ?? (others.length === 0 ? first : undefined)
  }
  if (first && others.length === 0) return first
  const [parent] = above
  const inherited = above.size === 1 && parent ? orderBelow(parent, decidedMigrations, live, gone) : undefined
  const known = inherited && (first === undefined || orders.some((order) => order.join('\0') === inherited.join('\0')))
  return known ? inherited : undefined
}

/** As the table says to which the migrations belong. */
function orderBelow(
  parent: RelationFacts,
  decidedMigrations: readonly DecidedMigration[],
  live: readonly string[],
  gone: readonly GoneColumn[],
): readonly string[] | undefined {
  const own = decidedMigrations.map((decided) => ({
    ...decided,
    bound: { ...decided.bound, inheritedFrom: undefined },
  }))
  const { order, placed } = orderOf(parent, own, ownersOf(own))
  return placed ? inheritedOrder(order, live, gone) : undefined
}
