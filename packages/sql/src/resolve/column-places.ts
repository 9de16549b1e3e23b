import type { RelationFacts } from '../catalog/catalog.ts'
import { type DecidedMigration, typeOf } from './decided-migration.ts'

/** A logical column that the relation has no more. */
export interface GoneColumn {
  readonly name: string
  readonly decided: DecidedMigration
}

/** A column that is there, and the place that it has for the application. */
export interface StandingColumn {
  readonly name: string
  readonly place: number
}

/**
 * The columns that are there, in the order that they have for the application. One that was dropped and restored is the last one of the table, and stays where
 * it was before: processes have lived through that, and an INSERT without a list of columns counts on it.
 */
export function standingColumns(
  relation: RelationFacts,
  owner: ReadonlyMap<string, DecidedMigration>,
): readonly StandingColumn[] {
  const standing = relation.columns.map(({ name, position }) => {
    const decided = owner.get(name)
    const recorded = decided === undefined ? undefined : recordedPlace(relation, name)
    if (decided === undefined || recorded === undefined || recorded === position) return { name, place: position }
    return { name, place: attributesOf(relation, { name, decided }).includes(recorded) ? recorded : position }
  })
  return standing.toSorted((one, other) => one.place - other.place)
}

const recordedPlace = ({ recordedPlaces = {} }: RelationFacts, name: string): number | undefined =>
  Object.hasOwn(recordedPlaces, name) ? recordedPlaces[name] : undefined

/** More ways than these to tell dropped attributes apart are as good as none. */
const MAX_ORDERS = 200

/**
 * The orders that the columns may have had, as the relation's own dropped attributes tell: `pg_attribute` keeps their
 * positions and how their values were stored, but not their names. None where a column has no attribute that it may have been.
 */
export function possibleOrders(
  relation: RelationFacts,
  live: readonly StandingColumn[],
  gone: readonly GoneColumn[],
): readonly (readonly string[])[] {
  const standing = live.map((column) => ({ name: column.name, position: column.place }))
  let ways: readonly (readonly number[])[] = [[]]
  for (const column of gone) {
    const positions = attributesOf(relation, column)
    ways = ways.flatMap((taken) => positions.filter((each) => !taken.includes(each)).map((each) => [...taken, each]))
    if (ways.length > MAX_ORDERS) return []
  }
  const orders = new Map<string, readonly string[]>()
  for (const way of ways) {
    const placed = gone.map(({ name }, index) => ({ name, position: way[index] ?? 0 }))
    const order = [...standing, ...placed].sort((a, b) => a.position - b.position).map(({ name }) => name)
    orders.set(JSON.stringify(order), order)
  }
  return inDeclaredOrder([...orders.values()], gone)
}

/** Columns of one migration that stood side by side stood as they are declared, where nothing else tells. */
function inDeclaredOrder(
  orders: readonly (readonly string[])[],
  gone: readonly GoneColumn[],
): readonly (readonly string[])[] {
  const rank = (name: string): number => {
    const decided = gone.find((each) => each.name === name)?.decided
    return decided === undefined ? -1 : decided.compiled.logical.indexOf(name)
  }
  const ownerOf = (name: string | undefined): DecidedMigration | undefined =>
    gone.find((each) => each.name === name)?.decided
  const declared = orders.filter((order) =>
    order.every((name, index) => {
      const next = order[index + 1]
      const owner = ownerOf(name)
      return next === undefined || owner === undefined || owner !== ownerOf(next) || rank(name) < rank(next)
    }),
  )
  return declared.length > 0 ? declared : orders
}

/**
 * The dropped attribute that a column was, where its place was recorded; else those that it may have been, which are all of them where none
 * was stored as it would be. A table that was made anew has other places than those that were recorded.
 */
function attributesOf(relation: RelationFacts, { name, decided }: GoneColumn): readonly number[] {
  const { dropped, droppedStorage } = relation
  const type = typeOf(decided, name)
  const stored = type?.storage === undefined ? undefined : `${type.storage}:${type.modifier}`
  const same = stored === undefined ? [] : dropped.filter((_, index) => droppedStorage?.[index] === stored)
  const possible = same.length > 0 ? same : dropped
  const recorded = recordedPlace(relation, name)
  return recorded !== undefined && possible.includes(recorded) ? [recorded] : possible
}

/** The order with the columns behind the ones that their migrations declare; undefined where one is not declared, or not there. */
export function declaredOrder(live: readonly string[], gone: readonly GoneColumn[]): readonly string[] | undefined {
  const order = [...live]
  for (const decided of new Set(gone.map((column) => column.decided))) {
    const { after } = decided.compiled.migration
    let place = after === '' ? 0 : after === undefined ? 0 : order.indexOf(after) + 1
    if (after === undefined || (after !== '' && place === 0)) return undefined
    // Of several migrations behind one column, the first that is declared has the first place.
    while (gone.some((column) => column.name === order[place] && column.decided.compiled.migration.after === after))
      place++
    order.splice(place, 0, ...gone.filter((column) => column.decided === decided).map(({ name }) => name))
  }
  return order
}

/** True where an order has every column right behind the one that its migration declares, as far as one does. */
export function fitsDeclaration(order: readonly string[], gone: readonly GoneColumn[]): boolean {
  return gone.every(({ name, decided }) => {
    const { after } = decided.compiled.migration
    if (after === undefined) return true
    const before = order.slice(0, order.indexOf(name)).filter((each) => !gone.some((column) => column.name === each))
    return after === '' ? before.length === 0 : before.at(-1) === after
  })
}

/**
 * The order of a partition or child that follows from that of the table above it; undefined where its own columns do not
 * stand in that order.
 */
export function inheritedOrder(
  above: readonly string[],
  live: readonly string[],
  gone: readonly GoneColumn[],
): readonly string[] | undefined {
  const shared = live.filter((name) => above.includes(name))
  const same = above.filter((name) => shared.includes(name))
  if (shared.some((name, index) => name !== same[index])) return undefined
  if (gone.some(({ name }) => !above.includes(name))) return undefined
  const order = [...live]
  for (const [index, name] of above.entries()) {
    if (!gone.some((column) => column.name === name)) continue
    const before = above.slice(0, index).findLast((each) => order.includes(each))
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, name)
  }
  return order
}
