import type { Side } from '@expand-contract/core'
import { isNullable, type MigrationKind, type PartSpec } from './migration-kind.ts'

/** The rows of the migrating table, without its migrating columns. Two ages tie, one is missing. */
export const USERS: readonly (readonly string[])[] = [
  ['1', "'ada@x'", '36', "'{math,code}'", `'{"a":1,"b":[1,2]}'`, 'true'],
  ['2', "'bob@x'", '36', "'{code}'", `'{"a":2}'`, 'true'],
  ['3', "'cyd@x'", 'null', "'{}'", 'null', 'true'],
  ['4', "'dan@x'", '20', "'{math}'", `'{}'`, 'true'],
  ['5', "'eve@x'", '51', "'{art,code,math}'", `'{"a":null}'`, 'true'],
  ['6', "'fay@x'", '20', "'{}'", 'null', 'false'],
]

/** Rows of posts and notes: author, title, score, and the sample that stands in their like-named columns. */
export const PEERS: Readonly<Record<'posts' | 'notes', readonly (readonly [string, string, string, number])[]>> = {
  posts: [
    ['1', 'first', '5', 0],
    ['1', 'second', '3', 1],
    ['2', 'first', '5', 1],
    ['2', 'third', 'null', 2],
    ['3', 'fourth', '8', 6],
    ['4', 'fifth', '1', 0],
    ['null', 'lost', '2', 3],
    ['6', 'sixth', '3', 2],
  ],
  notes: [
    ['1', 'remember', '1', 0],
    ['2', 'forget', '2', 1],
    ['2', 'first', '5', 6],
    ['1', 'again', 'null', 2],
  ],
}

/** Index of the sample in each row of the migrating table; null: NULL in all columns of the part. */
function sampleOfRow(part: PartSpec): readonly (number | null)[] {
  const unique = [...part.columns.old, ...part.columns.new].some(
    (column) => column.unique !== undefined || column.clause?.includes('primary'),
  )
  if (unique) return [0, 1, 2, 3, 4, 5]
  return isNullable(part) ? [0, 1, 2, 0, null, 3] : [0, 1, 2, 0, 1, 3]
}

/** One sample as SQL literals. */
export function sampleSql(part: PartSpec, side: Side, index: number): readonly string[] {
  const sample = part.samples[side][index]
  if (sample === undefined) throw new Error(`There is no sample ${index}`)
  return sample.map((value) => literal(part, side, value))
}

function literal(part: PartSpec, side: Side, value: string): string {
  const family = part.family[side]
  return family === 'number' || family === 'boolean' ? value : `'${value.replaceAll("'", "''")}'`
}

/** The migrating columns of one row of the table, on one side, in the order of the parts. */
export function migratingValues(kind: MigrationKind, side: Side, row: number): readonly (readonly string[])[] {
  return kind.parts.map((part) => {
    const index = sampleOfRow(part)[row]
    if (index === undefined) throw new Error(`There is no row ${row}`)
    return index === null ? part.columns[side].map(() => 'null') : sampleSql(part, side, index)
  })
}
