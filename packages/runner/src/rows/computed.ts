import { quoteIdentifier } from '@expand-contract/core'
import { differs, mappingSql } from '../sql/mapping-sql.ts'
import type { SyncColumn, SyncShape } from '../sql/sync-shape.ts'

/** A column of one side with what it should be, over the other columns of the same row by their bare names. */
export interface ComputedColumn {
  /** Quoted. */
  readonly name: string
  /** To be assigned: the assignment gives it length and precision, and raises where the value does not fit. */
  readonly value: string
  /** True where the column has another value: not the same bytes, as the sync trigger has it; and where its value does not fit. */
  readonly differs: string
  /** True where that value is null. */
  readonly isNull: string
  /** True where an assignment raises `code` because the value is too long. Other values that do not fit raise in `differs`. */
  readonly tooLong: { readonly condition: string; readonly code: string } | undefined
}

/** The columns of a side as they should be. */
export function computedColumns(shape: SyncShape, side: 'old' | 'new'): readonly ComputedColumn[] {
  const sources = shape[side === 'old' ? 'new' : 'old']
  return mappingSql(shape, side, quoteIdentifier).map(({ column, sql }) => {
    const name = quoteIdentifier(column.name)
    // What is compared has been rounded and cut as the assignment would.
    const value = `(${sql})::${column.type}`
    const other = differs(name, value, column)
    const copied = sources.some(({ name: from, type }) => type === column.type && sql === quoteIdentifier(from))
    const tooLong = copied ? undefined : lengthCheck(column, sql)
    return {
      ...{ name, value: sql, isNull: `(${sql}) IS NULL`, tooLong },
      differs: tooLong === undefined ? other : `${other} OR ${tooLong.condition}`,
    }
  })
}

/** Texts and bit strings, by which error says that one does not fit: a cast cuts them where an assignment raises. */
const LENGTHS: Readonly<Record<string, string>> = { varchar: '22001', bpchar: '22001', varbit: '22001', bit: '22026' }

/** Of a text, what is cut may be blanks; those an assignment cuts as well. */
function lengthCheck({ type, base, under, domain }: SyncColumn, sql: string): ComputedColumn['tooLong'] {
  const [, array, name = ''] = /^pg_catalog\.(_?)(\w+)$/u.exec(base) ?? []
  const code = LENGTHS[name]
  if (code === undefined || !(domain || type.includes('('))) return undefined
  const text = (value: string): string => `((${value})::pg_catalog.text COLLATE pg_catalog."C")`
  const [whole, cut] = [text(`(${sql})::${under}`), text(`(${sql})::${type}`)]
  const condition =
    array === '' && !name.includes('bit')
      ? `pg_catalog.rtrim(${whole}) IS DISTINCT FROM pg_catalog.rtrim(${cut})`
      : `${whole} IS DISTINCT FROM ${cut}`
  return { condition, code }
}
