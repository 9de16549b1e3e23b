import { changeColumnType, type Migration, mergeColumns, renameColumn, splitColumn } from '@expand-contract/core'
import type { ChangeKind, TableChange, TypeName, Values } from './change-kinds.ts'
import { columnSql, expressionSql, type Place, tableSql } from './place.ts'

export type Shape = 'plain' | 'partitioned' | 'without key' | 'partitioned without key'

/** A row of a table: `nr`, what migrates, `note` and `region`. */
export type Row = Readonly<Record<string, unknown>>

export const hasKey = (shape: Shape): boolean => !shape.endsWith('without key')

export interface ModelColumn {
  /** As the code of the application calls it. */
  readonly property: string
  /** As the database does, not quoted. */
  readonly name: string
  readonly type: TypeName
}

/** A migrating table, as its applications know it. */
export interface ModelTable {
  readonly name: 'things' | 'parts'
  readonly sql: string
  readonly columns: readonly ModelColumn[]
  readonly change: TableChange
  readonly migration: Migration
  readonly declaration: { readonly by: TableChange['by']; readonly options: Readonly<Record<string, unknown>> }
}

export interface LifeModel {
  readonly kind: ChangeKind
  readonly place: Place
  readonly shape: Shape
  readonly tables: readonly ModelTable[]
}

export const flagOf = (id: string): string => `read-${id}`

export function lifeModel(kind: ChangeKind, place: Place, shape: Shape): LifeModel {
  return { kind, place, shape, tables: kind.changes.map((change) => modelTable(kind, place, change)) }
}

function modelTable(kind: ChangeKind, place: Place, change: TableChange): ModelTable {
  const { table, by } = change
  const options = optionsOf(`${kind.name}.${table}`, place, change)
  const declare = { renameColumn, changeColumnType, splitColumn, mergeColumns }[by] as (given: object) => Migration
  const column = ([property, type]: readonly [string, TypeName]): ModelColumn => ({
    ...{ property, type, name: place.column(property) },
  })
  return {
    name: table,
    sql: tableSql(place, table),
    columns: [
      { property: 'nr', name: 'nr', type: 'int4' },
      ...Object.entries(change.old).map(column),
      { property: 'note', name: 'note', type: 'text' },
      { property: 'region', name: 'region', type: 'text' },
    ],
    change,
    migration: declare(options),
    declaration: { by, options },
  }
}

/** What the declaring function of core is given, for the process and for the configuration of the command line. */
function optionsOf(id: string, place: Place, change: TableChange): Readonly<Record<string, unknown>> {
  const named = <T>(values: Readonly<Record<string, T>>, of: (value: T) => T = (value) => value): Record<string, T> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [place.column(name), of(value)]))
  const [old, added] = [named<string>(change.old), named<string>(change.new)]
  const sql = (mappings: Readonly<Record<string, string>> = {}): Record<string, string> =>
    named(mappings, (text) => expressionSql(place, text))
  const [forward, backward] = [sql(change.forward), sql(change.backward)]
  const only = (values: Readonly<Record<string, string>>): string | undefined => Object.values(values)[0]
  const [from, to] = [Object.keys(old)[0], Object.keys(added)[0]]
  const common = { id, table: tableSql(place, change.table), flag: flagOf(id) }
  const one = { ...common, from, to }
  switch (change.by) {
    case 'renameColumn':
      return { ...one, type: only(added) }
    case 'changeColumnType': {
      const mappings = change.forward === undefined ? {} : { forward: only(forward), backward: only(backward) }
      return { ...one, fromType: only(old), type: only(added), ...mappings }
    }
    case 'splitColumn':
      return { ...common, from, fromType: only(old), to: added, forward, backward: only(backward) }
    case 'mergeColumns':
      return { ...common, from: old, to, type: only(added), forward: only(forward), backward }
    default:
      return change.by satisfies never
  }
}

/** The declarations, as the configuration of the command line imports them. */
export const declarationsText = ({ tables }: LifeModel): string =>
  [
    "import * as core from '@expand-contract/core'",
    `export const all = [${tables.map(({ declaration: { by, options } }) => `core.${by}(${JSON.stringify(options)})`).join(', ')}]`,
  ].join('\n')

export const literal = (value: string | number): string =>
  typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`

const regionOf = (nr: number): string => (nr % 2 === 0 ? 'a' : 'b')

/** A row by its number, as an application gives it; another value where one is named. */
export const rowOf = ({ change }: ModelTable, nr: number, value = nr): Row & { readonly nr: number } => ({
  ...{ nr, ...change.value(value).old, note: `note ${nr}`, region: regionOf(nr) },
})

/** INSERT of one row by one side alone, as a process writes it that knows no other. */
export function insertSql(place: Place, { sql, change }: ModelTable, nr: number, side: 'old' | 'new'): string {
  const values: Values = { nr, ...change.value(nr)[side], note: `note ${nr}`, region: regionOf(nr) }
  const columns = Object.keys(values).map((name) => columnSql(place, name))
  return `insert into ${sql} (${columns.join(', ')}) values (${Object.values(values).map(literal).join(', ')})`
}

/** UPDATE of one row by one side alone. */
export function updateSql(
  place: Place,
  { sql, change }: ModelTable,
  { nr, value, side }: { readonly nr: number; readonly value: number; readonly side: 'old' | 'new' },
): string {
  const assigned = Object.entries(change.value(value)[side]).map(
    ([name, given]) => `${columnSql(place, name)} = ${literal(given)}`,
  )
  return `update ${sql} set ${assigned.join(', ')} where nr = ${nr}`
}

/** True for a row whose columns are in step. */
export function inStepSql(place: Place, { change }: ModelTable): string {
  const [first = ''] = Object.keys(change.old)
  return Object.entries(change.new)
    .map(([name, type]) => {
      const forward = change.forward?.[name] ?? `{${first}}`
      return `${columnSql(place, name)} is not distinct from (${expressionSql(place, forward)})::${type}`
    })
    .join(' and ')
}
