import type { Relation } from './catalog.ts'
import type { Stance } from './stance.ts'

/** A column of a migrating table as the application knows it; `stance` is set for those under way. */
export interface LogicalColumn {
  readonly name: string
  readonly stance: Stance | undefined
}

export interface LogicalTable {
  /** In the order that `*` has for the application. */
  readonly columns: readonly LogicalColumn[]
  /** Shadow columns: not there, for the application. They may appear at any moment, so they count before they exist. */
  readonly hidden: ReadonlyMap<string, Stance>
  /** False where the place of a dropped column had to be guessed. */
  readonly placed: boolean
}

/**
 * The columns of a relation as the application knows them. A logical column that is not there yet will be appended; one
 * that is there no more stands where `after` says, or in the place of the one column that was dropped.
 */
export function logicalTable(relation: Relation, stances: readonly Stance[]): LogicalTable {
  const hidden = new Map(stances.flatMap((stance) => stance.compiled.shadow.map((name) => [name, stance] as const)))
  const owner = new Map(stances.flatMap((stance) => stance.compiled.logical.map((name) => [name, stance] as const)))
  const columns: LogicalColumn[] = relation.columns
    .filter((column) => !hidden.has(column.name))
    .map((column) => ({ name: column.name, stance: owner.get(column.name) }))
  let placed = true
  for (const stance of stances) {
    const missing = stance.compiled.logical.filter((name) => !columns.some((column) => column.name === name))
    if (missing.length === 0) continue
    const added = missing.map((name) => ({ name, stance }))
    const place =
      stance.compiled.logicalSide === 'new' ? columns.length : placeOf(relation, stance, columns, missing.length)
    if (place === undefined) placed = false
    columns.splice(place ?? columns.length, 0, ...added)
  }
  return { columns, hidden, placed }
}

function placeOf(
  relation: Relation,
  stance: Stance,
  columns: readonly LogicalColumn[],
  count: number,
): number | undefined {
  const { after } = stance.compiled.migration
  if (after === '') return 0
  if (after !== undefined) {
    const index = columns.findIndex((column) => column.name === after)
    return index < 0 ? undefined : index + 1
  }
  const dropped = relation.dropped[0]
  if (relation.dropped.length !== count || dropped === undefined) return undefined
  const next = relation.columns.find(
    (column) => column.position > dropped && columns.some((each) => each.name === column.name),
  )
  return next === undefined ? columns.length : columns.findIndex((column) => column.name === next.name)
}
