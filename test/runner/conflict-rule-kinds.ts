import { changeColumnType, type Migration, mergeColumns, renameColumn, splitColumn } from '@expand-contract/core'
import type { Default, PairModel, Value, Values } from './conflict-rule-model.ts'

/** One kind of change, as SQL and as the model has it, with the values that are tried. */
export interface Kind extends Pick<PairModel, 'forward' | 'backward'> {
  readonly name: string
  /** The table has one of the name, with an id. */
  readonly columns: string
  readonly old: Readonly<Record<string, readonly Value[]>>
  readonly new: Readonly<Record<string, readonly Value[]>>
  /** The default that is tried, on the side that counts; `drawn` makes `n1`, `n2`, ... */
  readonly default: Default
  readonly defaultSql?: string
  readonly migration: (table: string) => Migration
}

const one =
  (map: (value: string) => string | undefined) =>
  ([value = null]: Values): Values | undefined => {
    if (value === null) return [null]
    const mapped = map(value)
    return mapped === undefined ? undefined : [mapped]
  }

const itself = one((value) => value)
const asInt = one((value) => (/^-?\d+$/u.test(value) ? String(Number(value)) : undefined))

const rename = (byDefault: Default, name: string, defaultSql?: string): Kind => ({
  name,
  columns: 'a text',
  old: { a: [null, 'x', 'y', 'd'] },
  new: { b: [null, 'x', 'y', 'd'] },
  default: byDefault,
  ...(defaultSql !== undefined && { defaultSql }),
  forward: itself,
  backward: itself,
  migration: (table) => renameColumn({ table, from: 'a', to: 'b' }),
})

export const KINDS: readonly Kind[] = [
  rename('none', 'rename'),
  rename({ value: 'd' }, 'rename_default', "'d'"),
  rename('drawn', 'rename_drawn', "'n' || nextval('drawn')"),
  {
    name: 'text_to_int',
    columns: 'a text',
    old: { a: [null, '1', '2', '01', 'none'] },
    new: { b: [null, '1', '2'] },
    default: 'none',
    forward: asInt,
    backward: itself,
    migration: (table) => changeColumnType({ table, from: 'a', fromType: 'text', to: 'b', type: 'int4' }),
  },
  {
    name: 'int_to_text',
    columns: 'a int4',
    old: { a: [null, '1', '2'] },
    new: { b: [null, '1', '2', '01', 'none'] },
    default: 'none',
    forward: itself,
    backward: asInt,
    migration: (table) => changeColumnType({ table, from: 'a', fromType: 'int4', to: 'b', type: 'text' }),
  },
  {
    name: 'lossy',
    columns: 'a numeric(6,3)',
    old: { a: [null, '1.000', '1.040', '2.000'] },
    new: { b: [null, '1.0', '2.0'] },
    default: { value: '2.000' },
    defaultSql: '2',
    forward: one((value) => Number(value).toFixed(1)),
    backward: one((value) => Number(value).toFixed(3)),
    migration: (table) =>
      changeColumnType({ table, from: 'a', fromType: 'numeric(6,3)', to: 'b', type: 'numeric(6,1)' }),
  },
  {
    name: 'split',
    columns: 'a text',
    old: { a: [null, 'A B', 'A', 'C D'] },
    new: { b: [null, 'A', 'C'], c: [null, 'B', 'D'] },
    default: 'none',
    forward: ([name = null]) => {
      if (name === null) return [null, null]
      const [first = '', last = ''] = name.split(' ')
      return [first, last === '' ? null : last]
    },
    backward: (parts) => {
      const there = parts.filter((part) => part !== null)
      return [there.length === 0 ? null : there.join(' ')]
    },
    migration: (table) =>
      splitColumn({
        ...{ table, from: 'a', fromType: 'text', to: { b: 'text', c: 'text' } },
        forward: { b: "split_part(a, ' ', 1)", c: "nullif(split_part(a, ' ', 2), '')" },
        backward: "nullif(concat_ws(' ', b, c), '')",
      }),
  },
  {
    name: 'merge',
    columns: 'a int4, b int4',
    old: { a: [null, '1', '2'], b: [null, '1'] },
    new: { c: [null, '1,1', '2,1', '1,none'] },
    default: 'none',
    forward: ([a = null, b = null]) => [a === null || b === null ? null : `${a},${b}`],
    backward: ([c = null]) => {
      if (c === null) return [null, null]
      const parts = c.split(',')
      return parts.every((part) => /^\d+$/u.test(part)) ? parts : undefined
    },
    migration: (table) =>
      mergeColumns({
        ...{ table, from: { a: 'int4', b: 'int4' }, to: 'c', type: 'text', forward: "a || ',' || b" },
        backward: { a: "split_part(c, ',', 1)::int4", b: "split_part(c, ',', 2)::int4" },
      }),
  },
]
