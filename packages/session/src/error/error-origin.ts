import type { Mapping } from '@expand-contract/core'
import type { BoundMigration, Plan } from '@expand-contract/sql'

/** The fields of a database error that tell where it comes from. */
export interface ErrorOrigin {
  readonly message: string
  readonly code?: string | undefined
  readonly position?: string | undefined
  readonly where?: string | undefined
  /** The function of PostgreSQL's source that raised it. */
  readonly routine?: string | undefined
}

interface UsedMapping {
  readonly migration: string
  /** The column that it computes. */
  readonly column: string
  /** Its text between the columns that it names. */
  readonly pieces: readonly string[]
  readonly sql: string
}

export interface RaisedBy {
  /** True where the error points into the mapping; otherwise the statement itself may have raised it as well. */
  readonly certain: boolean
  readonly mappings: readonly Pick<UsedMapping, 'migration' | 'column'>[]
}

/** Data exceptions, what fails in a function, and what PostgreSQL says of the types and functions of an expression. */
const RAISED_BY_EXPRESSIONS = /^(?:22|2F|38|39|P0)|^42(?:501|704|725|804|846|883|P18|P22)$/u

/** The mapping that an error comes from, or those that it may come from; undefined where none has a part in it. */
export function raisedBy({ code, position, where = '', routine = '' }: ErrorOrigin, plan: Plan): RaisedBy | undefined {
  if (plan.outcome === 'unchanged' || !RAISED_BY_EXPRESSIONS.test(code ?? '')) return undefined
  const at = position === undefined ? undefined : unitOf(Number(position), plan.text)
  if (at !== undefined && plan.mapPosition(at) !== undefined) return undefined
  const used = plan.touches.flatMap(mappingsOf).filter(({ pieces }) => pieces.every((each) => plan.text.includes(each)))
  const pointed = used.filter(
    ({ pieces, sql }) =>
      (at !== undefined && pieces.some((piece) => covers(plan.text, piece, at, COMMON_TYPE.test(routine)))) ||
      calledIn(where).some((name) => sql.includes(`${name}(`)),
  )
  if (pointed.length > 0) return { certain: true, mappings: pointed.slice(0, 1) }
  return used.length === 0 ? undefined : { certain: false, mappings: used }
}

/** PostgreSQL counts characters from 1. */
export const unitOf = (position: number, text: string): number => [...text].slice(0, position - 1).join('').length

function mappingsOf({ migration, types }: BoundMigration): readonly UsedMapping[] {
  const of = (mappings: Readonly<Record<string, Mapping>>): readonly UsedMapping[] =>
    Object.entries(mappings).flatMap(([column, mapping]): readonly UsedMapping[] => {
      const place = { migration: migration.id, column }
      if (mapping.kind === 'sql') return [{ ...place, sql: mapping.sql, pieces: piecesOf(mapping.sql, migration) }]
      const cast = types[column]?.bare !== types[mapping.column]?.bare
      return cast ? [{ ...place, sql: '', pieces: [] }] : []
    })
  return [...of(migration.forward), ...of(migration.backward)]
}

function piecesOf(sql: string, { old, new: added }: BoundMigration['migration']): readonly string[] {
  const names = [...old, ...added].map(({ name }) => name)
  const isColumn = (word: string): boolean =>
    names.includes(word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase())
  return sql
    .replaceAll(/"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*/gu, (word) => (isColumn(word) ? '\0' : word))
    .split('\0')
    .map((piece) => piece.trim())
    .filter((piece) => piece.length > 1)
}

/**
 * What says that types do not match (`UNION types boolean and text cannot be matched`). It points to the beginning of an expression,
 * which is that of a whole mapping where the statement itself sets the column beside another value.
 */
const COMMON_TYPE = /^(?:select|coerce_to)_common_type/u

function covers(text: string, piece: string, at: number, withinOnly: boolean): boolean {
  for (let start = text.indexOf(piece); start >= 0; start = text.indexOf(piece, start + 1)) {
    const from = withinOnly ? start + 1 : start
    if (at >= from && at < start + piece.length) return true
  }
  return false
}

/** `SQL function "f" statement 1`, `PL/pgSQL function f(text) line 3 at RAISE`. */
const calledIn = (where: string): readonly string[] =>
  [...where.matchAll(/function "?([\p{L}_][\p{L}\p{N}_$]*)"?[( ]/gu)].flatMap(([, name]) => name ?? [])

/** What is said behind a message. */
export const mappingInMessage = ({ mappings }: RaisedBy): string =>
  ` (in the mapping of ${mappings.map(({ column, migration }) => `"${column}", migration ${migration}`).join(', ')})`

/** The line that is added to the context of an error. */
export function mappingInContext({ certain, mappings }: RaisedBy): string {
  const names = mappings.map(({ column, migration }) => `"${column}" (migration ${migration})`).join(', ')
  return certain
    ? `mapping of ${names}`
    : `statement that was sent with the mapping of ${names}, which may have raised this`
}
