import fc from 'fast-check'

/** How the migrating column is called, and what becomes of it. */
export interface DrawnTable {
  readonly change: 'rename' | 'rename of a varchar' | 'int4 to int8' | 'varchar to text'
  readonly schema: string
  readonly table: string
  readonly old: string
  readonly new: string
  readonly partitioned: boolean
  /** What stands over the old column, in SQL. */
  readonly objects: readonly string[]
}

const LONG = 'ß'.repeat(31)
const NAMES = [
  ['zq_old', 'zq_new'],
  ['zq Old "a"', 'zq New "b"'],
  [`${LONG}1`, `${LONG}2`],
] as const

export const SCHEMAS = ['app', 'Öd "S"'] as const

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Stands for the old column, and for the table, until they are known. */
const [C, T] = ['{C}', '{T}']

const TEXT_EXPRESSIONS = [
  ...[`lower(${C})`, `(${C} || n)`, `coalesce(${C}, n)`, `(${C} collate "C")`, `substr(${C}, 1, 2)`, `(${C} is null)`],
  ...[
    `(case when ${C} = 'a' then n else ${C} end)`,
    `(length(${C}) + k)`,
    `((${C})::varchar(9))`,
    `upper(pg_catalog.btrim(${C}))`,
  ],
]
const INT_EXPRESSIONS = [
  `(${C} + 1)`,
  `(-${C})`,
  `(${C} * k)`,
  `abs(${C})`,
  `(${C} % 7)`,
  `(${C} is null)`,
  `(coalesce(${C}, k))`,
]
const TEXT_CONDITIONS = [
  `${C} <> ''`,
  `${C} is not null and k > 0`,
  `lower(${C}) <> 'X'`,
  `${C} like 'n%'`,
  `${C} in ('q', 'r') is not true`,
  `n <> ${C} or true`,
]
const INT_CONDITIONS = [
  `${C} > 0`,
  `${C} is not null and k > 0`,
  `${C} <> all (array[-1, -2])`,
  `${C} between -5 and 100000`,
  `(${C} + k) > 0`,
]

interface Circumstances {
  readonly major: number
  readonly isText: boolean
  readonly partitioned: boolean
}

const pick = (values: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...values)
/** Mostly nothing. */
const maybe = (...values: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant('') }, pick(values))

const objectName = fc.constantFrom('plain', 'x @', 'Odd "name"', 'i'.repeat(60), `idx_${'ö'.repeat(28)}`, 't_@_key')

/** The nr of the object makes its name its own. */
const named = (name: string, nr: number): string => `«${nr}:${name}»`

function indexes({ major, isText, partitioned }: Circumstances): fc.Arbitrary<(nr: number) => string> {
  const classes = isText
    ? ['text_pattern_ops', 'collate "C"', 'collate "C" text_pattern_ops', 'collate "POSIX" desc']
    : ['int4_ops']
  const order = maybe('desc', 'asc nulls first', 'desc nulls last')
  const key = fc.oneof(
    fc.tuple(maybe(...classes), order).map((parts) => [C, ...parts].join(' ')),
    fc.tuple(pick(isText ? TEXT_EXPRESSIONS : INT_EXPRESSIONS), order).map((parts) => parts.join(' ')),
  )
  const others = fc.subarray(['k', 'n desc', 'part'], { maxLength: 2 })
  const where = maybe(...(isText ? TEXT_CONDITIONS : INT_CONDITIONS))
  const btree = fc
    .record({
      ...{
        key,
        others,
        where,
        name: objectName,
        include: maybe('n', 'k, n', C),
        options: maybe('fillfactor = 71', 'deduplicate_items = off'),
      },
      ...{
        unique: fc.boolean(),
        nulls: major >= 15 ? maybe('nulls not distinct') : fc.constant(''),
        first: fc.boolean(),
      },
    })
    .map(({ key, others, where, name, include, options, unique, nulls, first }) => (nr: number) => {
      // A unique index of a partitioned table has the key of the partitions, and no expression.
      const plain = unique && partitioned
      const keys = [
        ...(first ? [plain ? C : key] : []),
        ...others,
        ...(plain ? ['part', 'id'] : unique ? ['id'] : []),
        ...(first ? [] : [plain ? C : key]),
      ]
      return [
        `create ${unique ? 'unique ' : ''}index ${named(name, nr)} on ${T} (${[...new Set(keys)].join(', ')})`,
        ...(include === '' ? [] : [`include (${include})`]),
        ...(unique && nulls !== '' ? [nulls] : []),
        ...(options === '' ? [] : [`with (${options})`]),
        ...(where === '' ? [] : [`where ${where}`]),
      ].join(' ')
    })
  const method = fc
    .tuple(
      pick([
        ...(isText
          ? [`gin (to_tsvector('simple', ${C}))`, `gist (to_tsvector('english', ${C} || n))`, `spgist (${C})`]
          : []),
        `hash (${C})`,
        `brin (${C}, k) with (pages_per_range = 3)`,
      ]),
      objectName,
    )
    .map(
      ([using, name]) =>
        (nr: number) =>
          `create index ${named(name, nr)} on ${T} using ${using}`,
    )
  return fc.oneof({ weight: 3, arbitrary: btree }, method)
}

function constraints({ major, isText, partitioned }: Circumstances): fc.Arbitrary<(nr: number) => string> {
  const deferrable = maybe('deferrable', 'deferrable initially deferred')
  const valid = maybe(
    ...(partitioned ? ['not valid'] : ['not valid', 'no inherit']),
    ...(major >= 18 ? ['not enforced'] : []),
  )
  const check = fc
    .tuple(pick(isText ? TEXT_CONDITIONS : INT_CONDITIONS), valid)
    .map(([condition, more]) => `check (${condition}) ${more}`)
  const unique = fc
    .tuple(
      deferrable,
      maybe('include (n)', `include (k, n)`),
      major >= 15 ? maybe('nulls not distinct') : fc.constant(''),
    )
    .map(([more, include, nulls]) => `unique ${nulls} (${C}${partitioned ? ', part' : ''}) ${include} ${more}`)
  const foreign = fc
    .record({
      ...{
        update: maybe('cascade', 'restrict', 'set null'),
        remove: maybe('cascade', 'set null', 'restrict'),
        match: maybe('match full'),
      },
      ...{
        deferrable,
        valid:
          partitioned && major < 18 ? fc.constant('') : maybe('not valid', ...(major >= 18 ? ['not enforced'] : [])),
        two: fc.boolean(),
      },
    })
    .map(({ update, remove, match, deferrable: when, valid: how, two }) =>
      [
        `foreign key (${C}${two ? ', k' : ''}) references {S}.targets (c${two ? ', k' : ''}) ${match}`,
        ...(update === '' ? [] : [`on update ${update}`]),
        ...(remove === '' ? [] : [`on delete ${remove}`]),
        ...[when, how],
      ].join(' '),
    )
  const exclude = fc.constant(`exclude using btree (${C} with =${partitioned ? ', part with =' : ''})`)
  const all = fc.oneof(check, unique, foreign, ...(partitioned ? [] : [exclude]))
  return fc.tuple(all, objectName).map(
    ([text, name]) =>
      (nr: number) =>
        `alter table ${T} add constraint ${named(name, nr)} ${text}`,
  )
}

function statistics({ isText }: Circumstances): fc.Arbitrary<(nr: number) => string> {
  const what = fc.oneof(
    fc
      .tuple(maybe('(ndistinct)', '(mcv, dependencies)'), pick([`${C}, k`, `n, ${C}, k`]))
      .map((parts) => parts.join(' on ')),
    pick(isText ? TEXT_EXPRESSIONS : INT_EXPRESSIONS).map((text) => ` on (${text})`),
    pick(isText ? TEXT_EXPRESSIONS : INT_EXPRESSIONS).map((text) => ` on (${text}), ${C}`),
  )
  return fc.tuple(what, objectName).map(
    ([text, name]) =>
      (nr: number) =>
        `create statistics {S}.${named(name, nr)} ${text} from ${T}`,
  )
}

/** A table with indexes, constraints and statistics over one column, and how that column changes. */
export const drawnTable = (major: number): fc.Arbitrary<DrawnTable> =>
  fc
    .record({
      ...{
        change: fc.constantFrom(
          ...(['rename', 'rename', 'rename of a varchar', 'int4 to int8', 'varchar to text'] as const),
        ),
      },
      ...{ schema: fc.constantFrom(...SCHEMAS), table: fc.constantFrom('things', 'Th "ings"', 't'.repeat(63)) },
      ...{ names: fc.constantFrom(...NAMES), partitioned: fc.boolean() },
    })
    .chain(({ names: [old, added], ...drawn }) => {
      const circumstances = { major, isText: drawn.change !== 'int4 to int8', partitioned: drawn.partitioned }
      const kinds = [indexes(circumstances), constraints(circumstances), statistics(circumstances)] as const
      const each = fc.oneof({ weight: 3, arbitrary: kinds[0] }, { weight: 3, arbitrary: kinds[1] }, kinds[2])
      return fc.array(each, { minLength: 1, maxLength: 8 }).map((objects) => ({
        ...{ ...drawn, old, new: added },
        objects: objects.map((text, nr) => filled(text(nr), { ...drawn, old })),
      }))
    })

function filled(text: string, { schema, table, old }: Pick<DrawnTable, 'schema' | 'table' | 'old'>): string {
  const at = `${quoted(schema)}.${quoted(table)}`
  return text
    .replaceAll(/«(\d+):(.*?)»/gu, (_, nr: string, name: string) => quoted(cut(name.replace('@', old), nr)))
    .replaceAll(C, quoted(old))
    .replaceAll(T, at)
    .replaceAll('{S}', quoted(schema))
}

/** As PostgreSQL would cut it, with its number at the end. */
function cut(name: string, nr: string): string {
  let kept = name
  while (Buffer.byteLength(kept + nr) > 63) kept = [...kept].slice(0, -1).join('')
  return kept + nr
}
