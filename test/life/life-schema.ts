import { quoteIdentifier } from '@expand-contract/core'
import type { TableChange } from './change-kinds.ts'
import { hasKey, insertSql, type LifeModel, type ModelTable } from './life-model.ts'
import { columnSql, type Place, tableSql } from './place.ts'

/** Rows that are there before anything begins. */
const FIRST_ROWS = 40

/** The tables of a life, on both databases, with rows in them. */
export function lifeSchema(model: LifeModel): string {
  const { place, tables } = model
  return [
    ...(place.schema === undefined ? [] : [`create schema ${quoteIdentifier(place.schema)};`]),
    ...tables.map((table) => tableScript(model, table)),
    ...tables.flatMap((table) =>
      Array.from({ length: FIRST_ROWS }, (_, index) => `${insertSql(place, table, index + 1, 'old')};`),
    ),
  ].join('\n')
}

function tableScript({ kind, place, shape, tables }: LifeModel, { name, sql, change }: ModelTable): string {
  const key = kind.key !== undefined && name === 'things' ? kind.key : 'nr'
  // A foreign key wants a unique target of one column, which a partitioned table has none of.
  const partitioned = shape.startsWith('partitioned') && !(name === 'things' && tables.length > 1)
  const unique = partitioned ? `${columnSql(place, key)}, region` : columnSql(place, key)
  const columns = [
    'nr int4 not null',
    ...oldColumns(place, change),
    'note text',
    "region text not null default 'a'",
    ...(hasKey(shape) ? [`primary key (${unique})`] : []),
    ...(!hasKey(shape) && name === 'things' && tables.length > 1 ? [`unique (${unique})`] : []),
    ...(name === 'parts' ? [reference(place)] : []),
  ]
  const create = `create table ${sql} (${columns.join(', ')})`
  const comment = `comment on column ${sql}.${columnSql(place, Object.keys(change.old)[0] ?? '')} is 'It migrates.';`
  return [
    ...(partitioned ? [`${create} partition by list (region);`, ...partitions(place, name, change)] : [`${create};`]),
    comment,
  ].join('\n')
}

const oldColumns = (place: Place, { old, constraints }: TableChange): readonly string[] =>
  Object.entries(old).map(([name, type]) => `${columnSql(place, name)} ${type} ${constraints}`)

const reference = (place: Place): string =>
  `foreign key (${columnSql(place, 'thing_id')}) references ${tableSql(place, 'things')} (${columnSql(place, 'id')}) on update cascade on delete cascade`

/** The second one has its columns in another order, and has lost one. */
function partitions(place: Place, table: string, change: TableChange): readonly string[] {
  const [parent, first, second] = [table, `${table}1`, `${table}2`].map((name) => tableSql(place, name))
  const own = [
    "region text not null default 'a'",
    'gone int',
    'note text',
    ...oldColumns(place, change),
    'nr int4 not null',
  ]
  return [
    `create table ${first} partition of ${parent} for values in ('a');`,
    `create table ${second} (${own.join(', ')});`,
    `alter table ${second} drop column gone;`,
    `alter table ${parent} attach partition ${second} for values in ('b');`,
  ]
}
