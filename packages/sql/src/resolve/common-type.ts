import type { ColumnType } from '../catalog/catalog.ts'
import { sameType } from './decided-migration.ts'

interface CommonType {
  /** What the columns are cast to; undefined where both have the type already. */
  readonly cast: ColumnType | undefined
}

/**
 * The type that PostgreSQL gives a column that USING or NATURAL made of two; undefined where that is not certain. The one
 * on the left stays where either type becomes the other by itself, as varchar and text do.
 *
 * https://www.postgresql.org/docs/current/typeconv-union-case.html
 */
export function commonType(left: ColumnType | undefined, right: ColumnType | undefined): CommonType | undefined {
  if (left === undefined || right === undefined) return undefined
  if (sameType(left, right)) return { cast: undefined }
  if (left.collation !== right.collation) return undefined
  const cast = left.bare === right.bare ? left : wider(left, right)
  return cast && { cast: { ...cast, modifier: -1 } }
}

/** Types each of which becomes any later one by itself, but not the other way round. */
const WIDER: readonly (readonly string[])[] = [
  ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'],
  ['date', 'timestamp', 'timestamptz'],
]

function wider(left: ColumnType, right: ColumnType): ColumnType | undefined {
  const [a, b] = [ownName(left), ownName(right)]
  if (a === undefined || b === undefined) return undefined
  if ([a, b].every((name) => name === 'varchar' || name === 'text')) return left
  const row = WIDER.find((names) => names.includes(a) && names.includes(b))
  if (row === undefined) return undefined
  return row.indexOf(a) < row.indexOf(b) ? right : left
}

/** The name of a type of PostgreSQL's own; a domain over one is another type. */
function ownName({ bare, base }: ColumnType): string | undefined {
  const [schema, name] = base.split('.')
  return schema === 'pg_catalog' && bare === `"pg_catalog"."${name}"` ? name : undefined
}
