/** Types that columns of the tests have, as each of the applications declares them. */
export type TypeName = 'int4' | 'int8' | 'text' | 'varchar(40)' | 'numeric(12,2)'

export type Values = Readonly<Record<string, string | number>>

/** One migration of a table. Its columns are called by what they are in the code; in SQL a column stands in braces. */
export interface TableChange {
  readonly table: 'things' | 'parts'
  readonly by: 'renameColumn' | 'changeColumnType' | 'splitColumn' | 'mergeColumns'
  readonly old: Readonly<Record<string, TypeName>>
  readonly new: Readonly<Record<string, TypeName>>
  /** What stands behind the types of the old columns when the table is made. */
  readonly constraints: string
  readonly forward?: Readonly<Record<string, string>>
  readonly backward?: Readonly<Record<string, string>>
  /** A value of the old column that does not come back from the new one. */
  readonly lossy?: number
  /** The same value on both sides; another one for each number. */
  value(n: number): { readonly old: Values; readonly new: Values }
}

export interface ChangeKind {
  readonly name: string
  /** The column by which rows are unique, where it is not `nr`. */
  readonly key?: string
  /** Reasons for which statements of it are left to the sync trigger. */
  readonly left?: readonly string[]
  readonly changes: readonly TableChange[]
}

const rename: ChangeKind = {
  name: 'rename',
  changes: [
    {
      ...{ table: 'things', by: 'renameColumn', constraints: 'not null' },
      ...{ old: { name: 'varchar(40)' }, new: { full_name: 'varchar(40)' } },
      value: (n) => ({ old: { name: `Näme ${n}` }, new: { full_name: `Näme ${n}` } }),
    },
  ],
}

const retype: ChangeKind = {
  name: 'retype',
  changes: [
    {
      ...{ table: 'things', by: 'changeColumnType', constraints: 'not null default 0' },
      ...{ old: { visits: 'int4' }, new: { visits_big: 'int8' } },
      value: (n) => ({ old: { visits: n * 7 }, new: { visits_big: n * 7 } }),
    },
  ],
}

const format: ChangeKind = {
  name: 'format',
  changes: [
    {
      ...{ table: 'things', by: 'changeColumnType', constraints: 'default 99' },
      ...{ old: { cents: 'int4' }, new: { amount: 'numeric(12,2)' } },
      forward: { amount: 'case when {cents} < 0 then 0 else {cents} end::numeric / 100' },
      backward: { cents: '({amount} * 100)::int4' },
      lossy: -5,
      value: (n) => ({ old: { cents: n * 3 }, new: { amount: ((n * 3) / 100).toFixed(2) } }),
    },
  ],
}

const split: ChangeKind = {
  name: 'split',
  changes: [
    {
      ...{ table: 'things', by: 'splitColumn', constraints: 'not null' },
      ...{ old: { person: 'text' }, new: { first: 'text', last: 'text' } },
      forward: { first: "split_part({person}, ' ', 1)", last: "substring({person} from ' (.*)')" },
      backward: { person: "{first} || coalesce(' ' || {last}, '')" },
      value: (n) => ({ old: { person: `First${n} La st` }, new: { first: `First${n}`, last: 'La st' } }),
    },
  ],
}

const merge: ChangeKind = {
  name: 'merge',
  changes: [
    {
      ...{ table: 'things', by: 'mergeColumns', constraints: 'not null' },
      ...{ old: { given: 'text', family: 'text' }, new: { whole: 'text' } },
      forward: { whole: "{given} || ' ' || {family}" },
      backward: { given: "split_part({whole}, ' ', 1)", family: "substring({whole} from ' (.*)')" },
      value: (n) => ({ old: { given: `Given${n}`, family: 'Fa mily' }, new: { whole: `Given${n} Fa mily` } }),
    },
  ],
}

/** A key, and the column of another table that refers to it. */
const keys: ChangeKind = {
  name: 'keys',
  key: 'id',
  left: ['referential-action'],
  changes: [
    {
      ...{ table: 'things', by: 'changeColumnType', constraints: 'not null' },
      ...{ old: { id: 'int4' }, new: { id_big: 'int8' } },
      value: (n) => ({ old: { id: 100_000 + n }, new: { id_big: 100_000 + n } }),
    },
    {
      ...{ table: 'parts', by: 'changeColumnType', constraints: '' },
      ...{ old: { thing_id: 'int4' }, new: { thing_id_big: 'int8' } },
      value: (n) => ({ old: { thing_id: 100_000 + n }, new: { thing_id_big: 100_000 + n } }),
    },
  ],
}

export const KINDS: readonly ChangeKind[] = [rename, retype, format, split, merge, keys]
