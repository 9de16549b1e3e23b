import type { InsertStmt, Node } from 'libpg-query'
import { rowBrackets, rowPlaces } from '../parse/insert-places.ts'
import { differs } from '../resolve/decided-migration.ts'
import type { PlanContext } from '../resolve/plan-context.ts'
import { Unprovable } from '../resolve/unprovable.ts'
import { defaultSql } from './default-value.ts'
import { planInsertQuery } from './insert-query.ts'
import type { RowList } from './insert-rows.ts'
import { isSeveral, mayBeSet } from './set-functions.ts'
import { assignmentType, isDefault, isUntyped } from './written-values.ts'

/**
 * Plans a row of VALUES that is several rows or has more columns than items: `VALUES (generate_series(1, 3), …)`,
 * `VALUES ((f()).*)`. For PostgreSQL such a row is a query, and it becomes one: values that are drawn for it are drawn for
 * each of its rows. False for any other row.
 */
export function planSpread(context: PlanContext, insert: InsertStmt, rows: RowList, lists: readonly Node[]): boolean {
  const { target, names, places } = rows
  const concerned = target.decidedMigrations.filter(
    (decided) => decided.writesShadow || (names.length === 0 && differs(decided)),
  )
  const [decided] = concerned
  if (decided === undefined) return false
  const items = lists.flatMap((list) => ('List' in list ? (list.List.items ?? []) : []))
  const several = items.find(isSeveral)
  const sets = items.some((item) => mayBeSet(item, context.catalog.setFunctions))
  if (several === undefined && !sets) return false

  const defaults = items.map((item, index) => (isDefault(item) ? defaultOf(rows, names[index]) : ''))
  if (!isOneRow(insert, lists) || defaults.includes(undefined)) {
    if (several) throw new Unprovable('write', decided, 'several-columns', places.source.start)
    return false
  }
  asQuery(context, { rows, items, defaults })
  const output = { names: several ? [] : items.map(() => ''), open: several !== undefined }
  planInsertQuery(context, { ...rows, output, select: { SelectStmt: {} } })
  return true
}

/** With ORDER BY and the like PostgreSQL takes no set, and several rows are none of one item each. */
function isOneRow({ selectStmt }: InsertStmt, lists: readonly Node[]): boolean {
  const select = selectStmt && 'SelectStmt' in selectStmt ? selectStmt.SelectStmt : undefined
  return lists.length === 1 && !(select?.sortClause || select?.limitCount || select?.limitOffset)
}

/** What DEFAULT stands for; undefined where nothing else can stand for it. */
function defaultOf({ target }: RowList, name: string | undefined): string | undefined {
  const [decided] = target.decidedMigrations
  const column = decided?.relation.columns.find((each) => each.name === name)
  if (name === undefined || decided === undefined || column?.identity || column?.generated) return undefined
  const own = target.decidedMigrations.find((each) => each.compiled.logical.includes(name))
  return own ? defaultSql(own, name) : (column?.default ?? 'NULL')
}

interface Row {
  readonly rows: RowList
  readonly items: readonly Node[]
  /** '' for an item that is not DEFAULT. */
  readonly defaults: readonly (string | undefined)[]
}

function asQuery(context: PlanContext, { rows: { target, names, places }, items, defaults }: Row): void {
  const { source, edits } = context
  const { head, close } = rowBrackets(source, places)
  const columns = names.length > 0 ? names : target.entry.columns
  const several = items.filter(isSeveral).length
  for (const [index, range] of rowPlaces(source, places, 1).flat().entries()) {
    const item = items[index]
    // Behind what is several columns, places are counted from the end.
    const behind = several > 0 && items.slice(0, index).some(isSeveral)
    const place = behind ? (several > 1 ? -1 : columns.length - items.length + index) : index
    const type = assignmentType(target.decidedMigrations, columns[place] ?? '')
    if (defaults[index]) edits.replace(range, defaults[index])
    else if (!isUntyped(item)) continue
    if (type === undefined) continue
    edits.before(range.start, '(')
    edits.after(range.end, `)::${type}`)
  }
  edits.replace(head, 'SELECT ')
  edits.remove(close)
}
