import type { Side } from '@expand-contract/core'
import type { Family } from './model.ts'

export interface ShapeColumn {
  readonly type: string
  readonly family: Family
  /** True where only the samples may be assigned, since the mapping is lossless for nothing else. */
  readonly samplesOnly: boolean
}

/** A kind of migration, without names. `$1` and `$2` stand for the columns of the other side. */
export interface Shape {
  readonly name: string
  readonly columns: Readonly<Record<Side, readonly ShapeColumn[]>>
  readonly computed: Readonly<Record<Side, readonly string[]>>
  /** SQL literals, a tuple per side. */
  readonly samples: readonly Readonly<Record<Side, readonly string[]>>[]
}

export const TEXTS = ["'a'", "'B'", "''", "'ab c'", "'o''q'", "'é☃'", "'zz'"]
export const NUMBERS = ['0', '1', '2', '-3', '40', '100']

const free = (type: string, family: Family): ShapeColumn => ({ type, family, samplesOnly: false })
const limited = (type: string, family: Family): ShapeColumn => ({ type, family, samplesOnly: true })
const same = (literals: readonly string[]): Shape['samples'] => literals.map((one) => ({ old: [one], new: [one] }))
const pairs = (list: readonly (readonly [readonly string[], readonly string[]])[]): Shape['samples'] =>
  list.map(([old, added]) => ({ old, new: added }))

const text = (value: string): string => `'${value}'`

export const SHAPES: readonly Shape[] = [
  {
    name: 'rename text',
    columns: { old: [free('text', 'text')], new: [free('text', 'text')] },
    computed: { old: ['$1'], new: ['$1'] },
    samples: same(TEXTS),
  },
  {
    name: 'rename integer',
    columns: { old: [free('integer', 'number')], new: [free('integer', 'number')] },
    computed: { old: ['$1'], new: ['$1'] },
    samples: same(NUMBERS),
  },
  {
    name: 'varchar to text',
    columns: { old: [free('varchar(200)', 'text')], new: [free('text', 'text')] },
    computed: { old: ['$1::varchar(200)'], new: ['$1::text'] },
    samples: same(TEXTS),
  },
  {
    name: 'int4 to int8',
    columns: { old: [free('integer', 'number')], new: [free('bigint', 'number')] },
    computed: { old: ['$1::integer'], new: ['$1::bigint'] },
    samples: same(NUMBERS),
  },
  {
    name: 'cents to numeric',
    columns: { old: [free('integer', 'number')], new: [free('numeric(12,2)', 'number')] },
    computed: { old: ['($1 * 100)::int'], new: ['$1::numeric / 100'] },
    samples: pairs(NUMBERS.map((cents) => [[cents], [(Number(cents) / 100).toFixed(2)]])),
  },
  {
    name: 'integer to text',
    columns: { old: [free('integer', 'number')], new: [limited('text', 'text')] },
    computed: { old: ['$1::integer'], new: ['$1::text'] },
    samples: pairs(NUMBERS.map((one) => [[one], [text(one)]])),
  },
  {
    name: 'prefixed text',
    columns: { old: [free('text', 'text')], new: [limited('text', 'text')] },
    computed: { old: ['substr($1, 3)'], new: ["'x:' || $1"] },
    samples: pairs(TEXTS.map((one) => [[one], [one.replace("'", "'x:")]])),
  },
  {
    name: 'boolean to text',
    columns: { old: [free('boolean', 'boolean')], new: [limited('text', 'text')] },
    computed: {
      old: ["CASE $1 WHEN 'on' THEN true WHEN 'off' THEN false END"],
      new: ["CASE WHEN $1 THEN 'on' WHEN NOT $1 THEN 'off' END"],
    },
    samples: pairs([
      [['true'], ["'on'"]],
      [['false'], ["'off'"]],
    ]),
  },
  {
    name: 'split',
    columns: { old: [limited('text', 'text')], new: [limited('text', 'text'), limited('text', 'text')] },
    computed: { old: ["$1 || ' ' || $2"], new: ["split_part($1, ' ', 1)", "substr($1, strpos($1, ' ') + 1)"] },
    samples: pairs([
      [["'ada lovelace'"], ["'ada'", "'lovelace'"]],
      [["'B b%'"], ["'B'", "'b%'"]],
      [["'zoë ☃ x'"], ["'zoë'", "'☃ x'"]],
    ]),
  },
  {
    name: 'merge',
    columns: {
      old: [limited('date', 'date'), limited('time', 'time')],
      new: [limited('timestamp', 'timestamp')],
    },
    computed: { old: ['$1::date', '$1::time'], new: ['$1 + $2'] },
    samples: pairs([
      [["date '2024-02-29'", "time '12:30:00'"], ["timestamp '2024-02-29 12:30:00'"]],
      [["date '1999-12-31'", "time '23:59:59'"], ["timestamp '1999-12-31 23:59:59'"]],
      [["date '2024-02-29'", "time '00:00:00'"], ["timestamp '2024-02-29 00:00:00'"]],
    ]),
  },
]
