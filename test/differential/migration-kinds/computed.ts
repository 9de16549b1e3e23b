import { changeColumnType, mergeColumns, splitColumn } from '@expand-contract/core'
import type { MigrationKind, PartSpec } from './migration-kind.ts'

const CENTS = ['125', '99', '-250', '400', '0', '100000', '55', '1']

export const centsToNumeric: MigrationKind = {
  name: 'cents-to-numeric',
  parts: [
    {
      declare: (app, table, flag) =>
        changeColumnType({
          ...{ table, app, flag, from: 'amount', fromType: 'integer', to: 'amount_n', type: 'numeric(12,2)' },
          forward: 'amount::numeric / 100',
          backward: '(amount_n * 100)::int',
        }),
      columns: { old: [{ name: 'amount', type: 'integer' }], new: [{ name: 'amount_n', type: 'numeric(12,2)' }] },
      computed: { new: ['amount::numeric / 100'], old: ['(amount_n * 100)::int'] },
      family: { old: 'number', new: 'number' },
      samples: {
        old: CENTS.map((cents) => [cents]),
        new: CENTS.map((cents) => [(Number(cents) / 100).toFixed(2)]),
      },
    },
  ],
}

const FLAGS = [true, false, true, false, false, true, false, true]

export const booleanToText: MigrationKind = {
  name: 'boolean-to-text',
  parts: [
    {
      declare: (app, table, flag) =>
        changeColumnType({
          ...{ table, app, flag, from: 'enabled', fromType: 'boolean', to: 'mode', type: 'text' },
          forward: "CASE WHEN enabled THEN 'on' WHEN NOT enabled THEN 'off' END",
          backward: "CASE mode WHEN 'on' THEN true WHEN 'off' THEN false END",
        }),
      columns: { old: [{ name: 'enabled', type: 'boolean' }], new: [{ name: 'mode', type: 'text' }] },
      computed: {
        new: ["CASE WHEN enabled THEN 'on' WHEN NOT enabled THEN 'off' END"],
        old: ["CASE mode WHEN 'on' THEN true WHEN 'off' THEN false END"],
      },
      family: { old: 'boolean', new: 'word' },
      samples: { old: FLAGS.map((on) => [String(on)]), new: FLAGS.map((on) => [on ? 'on' : 'off']) },
    },
  ],
}

const PEOPLE = [
  ['ada', 'lovelace'],
  ['Grace', "O'Hopper"],
  ['zoë', '☃ snow'],
  ['alan', 'Turing'],
  ['B_b', '%'],
  ['linus', 'p'],
  ['barbara', 'liskov'],
  ['edsger', 'w d'],
]
const SPLIT = { first_name: "split_part(person, ' ', 1)", last_name: "substring(person from ' (.*)')" }
const JOINED = "first_name || coalesce(' ' || last_name, '')"

export const split: MigrationKind = {
  name: 'split',
  parts: [
    {
      declare: (app, table, flag) =>
        splitColumn({
          ...{ table, app, flag, from: 'person', fromType: 'text', to: { first_name: 'text', last_name: 'text' } },
          forward: SPLIT,
          backward: JOINED,
        }),
      columns: {
        old: [{ name: 'person', type: 'text' }],
        new: [
          { name: 'first_name', type: 'text' },
          { name: 'last_name', type: 'text' },
        ],
      },
      computed: { new: [SPLIT.first_name, SPLIT.last_name], old: [JOINED] },
      family: { old: 'text', new: 'text' },
      samples: { old: PEOPLE.map((person) => [person.join(' ')]), new: PEOPLE },
    },
  ],
}

const MOMENTS = [
  ['2024-02-29', '12:30:00'],
  ['2024-03-01', '00:00:00'],
  ['1999-12-31', '23:59:59'],
  ['2024-02-29', '08:15:00'],
  ['2030-01-01', '12:30:00'],
  ['2031-07-14', '06:00:00'],
  ['2025-05-05', '05:05:05'],
  ['2026-06-06', '18:06:06'],
]

export const merge: MigrationKind = {
  name: 'merge',
  parts: [
    {
      declare: (app, table, flag) =>
        mergeColumns({
          ...{ table, app, flag, from: { day: 'date', hour: 'time' }, to: 'placed_at', type: 'timestamp' },
          forward: 'day + hour',
          backward: { day: 'placed_at::date', hour: 'placed_at::time' },
        }),
      columns: {
        old: [
          { name: 'day', type: 'date', notNull: true },
          { name: 'hour', type: 'time without time zone', notNull: true },
        ],
        new: [{ name: 'placed_at', type: 'timestamp without time zone', notNull: true }],
      },
      computed: { new: ['day + hour'], old: ['placed_at::date', 'placed_at::time'] },
      family: { old: 'date', new: 'timestamp' },
      samples: { old: MOMENTS, new: MOMENTS.map((moment) => [moment.join(' ')]) },
    },
  ],
}

const [merged] = merge.parts

/** Each of the two columns has a default of its own, and the one column that they become has both in one. */
export const mergeDefault: MigrationKind = {
  name: 'merge-default',
  parts: merged === undefined ? [] : [withDefaults(merged)],
}

function withDefaults(part: PartSpec): PartSpec {
  const [day, hour] = part.columns.old
  const [moment] = part.columns.new
  if (day === undefined || hour === undefined || moment === undefined) throw new Error('merge has other columns')
  return {
    ...part,
    columns: {
      old: [
        { ...day, default: "date '2026-12-24'" },
        { ...hour, default: "time '18:00'" },
      ],
      new: [{ ...moment, default: "timestamp '2026-12-24 18:00'" }],
    },
  }
}
