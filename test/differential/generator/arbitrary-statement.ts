import fc from 'fast-check'
import type {
  Aggregate,
  Assigned,
  Condition,
  Conflict,
  Expr,
  Item,
  Returning,
  Select,
  Source,
  Statement,
  SubQuery,
} from './statement.ts'

const pick = fc.nat({ max: 30 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 2): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq })
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name)

interface Tied {
  readonly expr: Expr
  readonly condition: Condition
  readonly subQuery: SubQuery
}

const column = fc.record({ kind: kind('column'), pick, bare: fc.boolean() })

/** Simple ones first: shrinking goes to the first. */
const tied = fc.letrec<Tied>((tie) => {
  const expr = tie('expr')
  const family = pick
  const flag = fc.boolean()
  return {
    expr: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 8, arbitrary: column },
      { weight: 2, arbitrary: fc.record({ kind: kind('literal'), pick }) },
      { weight: 2, arbitrary: fc.record({ kind: kind('parameter'), pick, bare: flag, reuse: flag }) },
      { weight: 1, arbitrary: fc.record({ kind: kind('null') }) },
      { weight: 3, arbitrary: fc.record({ kind: kind('call'), pick, left: expr, right: expr }) },
      { weight: 1, arbitrary: fc.record({ kind: kind('coalesce'), left: expr, right: expr }) },
      { weight: 1, arbitrary: fc.record({ kind: kind('case'), when: tie('condition'), left: expr, right: expr }) },
      { weight: 1, arbitrary: fc.record({ kind: kind('cast'), left: expr }) },
      { weight: 1, arbitrary: fc.record({ kind: kind('scalar'), from: tie('subQuery') }) },
    ) as fc.Arbitrary<Expr>,
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 8, arbitrary: fc.record({ kind: kind('compare'), operator: pick, family, left: expr, right: expr }) },
      { weight: 2, arbitrary: fc.record({ kind: kind('null'), not: flag, family, left: expr }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: kind('in'),
          ...{ not: flag, family, left: expr },
          list: fc.array(expr, { minLength: 1, maxLength: 3 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: kind('in query'), not: flag, family, left: expr, from: tie('subQuery') }),
      },
      { weight: 1, arbitrary: fc.record({ kind: kind('between'), family, left: expr, low: expr, high: expr }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: kind('any'),
          family,
          left: expr,
          picks: fc.array(pick, { minLength: 1, maxLength: 3 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: kind('like'), left: expr, pattern: pick, operator: pick }) },
      { weight: 1, arbitrary: fc.record({ kind: kind('exists'), not: flag, from: tie('subQuery') }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom<'and' | 'or'>('and', 'or'),
          left: tie('condition'),
          right: tie('condition'),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: kind('not'), left: tie('condition') }) },
    ) as fc.Arbitrary<Condition>,
    subQuery: fc.record({
      table: pick,
      aliased: flag,
      value: expr,
      where: maybe(tie('condition')),
    }) as fc.Arbitrary<SubQuery>,
  }
})

const alias = maybe(pick)

const item: fc.Arbitrary<Item> = fc.oneof(
  { withCrossShrink: true },
  { weight: 6, arbitrary: fc.record({ kind: kind('value'), family: pick, value: tied.expr, alias }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('star') }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('star of'), source: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('window'), call: pick, family: pick, value: tied.expr, alias }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('row'), source: pick, alias }) },
)

const aggregate: fc.Arbitrary<Aggregate> = fc.record({
  ...{ call: pick, family: pick, value: tied.expr, alias },
  filter: maybe(tied.condition, 4),
})

const table = fc.record({ kind: kind('table'), table: pick, only: fc.boolean() })

function source(depth: number): fc.Arbitrary<Source> {
  return fc.record({
    of: depth > 1 ? table : nestedSource(depth),
    aliased: fc.boolean(),
    join: fc.constantFrom<Source['join']>(
      ...(['comma', 'inner', 'left', 'using', 'natural', 'cross', 'right', 'full', 'left using'] as const),
    ),
    on: tied.condition,
  })
}

function nestedSource(depth: number): fc.Arbitrary<Source['of']> {
  const flags = { lateral: fc.boolean(), renamed: fc.boolean() }
  return fc.oneof(
    { weight: 6, arbitrary: table },
    { weight: 2, arbitrary: fc.record({ kind: kind('common'), pick }) },
    { weight: 2, arbitrary: fc.record({ kind: kind('query'), query: select(depth + 1), ...flags }) },
  )
}

function select(depth: number): fc.Arbitrary<Select> {
  return fc.record({
    common:
      depth > 0
        ? fc.constant(undefined)
        : maybe(fc.record({ query: select(depth + 1), materialized: pick, renamed: fc.boolean() }), 3),
    distinct: fc.oneof(
      { weight: 5, arbitrary: kind('no') },
      { weight: 1, arbitrary: kind('all') },
      { weight: 1, arbitrary: kind('on') },
    ),
    items: fc.array(item, { minLength: 1, maxLength: 3 }),
    grouped: maybe(
      fc.record({
        keys: fc.array(item, { maxLength: 2 }),
        style: pick,
        aggregates: fc.array(aggregate, { minLength: 1, maxLength: 2 }),
        having: fc.boolean(),
      }),
      3,
    ),
    from: fc.array(source(depth), { minLength: 1, maxLength: depth > 0 ? 2 : 3 }),
    where: maybe(tied.condition),
    order: fc.array(
      fc.record({
        pick,
        by: fc.constantFrom<'name' | 'position' | 'expression'>('name', 'position', 'expression'),
        descending: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    limit: maybe(pick, 4),
    set: depth > 0 ? fc.constant(undefined) : maybe(fc.record({ operator: pick, right: select(2) }), 5),
    locked: fc.boolean(),
  })
}

const assigned: fc.Arbitrary<Assigned> = fc.oneof(
  { weight: 5, arbitrary: tied.expr },
  { weight: 1, arbitrary: fc.record({ kind: kind('default') }) },
)
const sets = fc.array(fc.record({ column: pick, value: assigned }), { minLength: 1, maxLength: 3 })
const returning: fc.Arbitrary<Returning | undefined> = maybe(
  fc.record({ items: fc.array(item, { minLength: 1, maxLength: 2 }) }),
)
const row = fc.array(assigned, { minLength: 7, maxLength: 7 })
const columns = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 })

const conflict: fc.Arbitrary<Conflict> = fc.record({
  target: fc.constantFrom<Conflict['target']>('id', 'unique', 'none'),
  sets: maybe(sets, 4),
  where: maybe(tied.condition),
})

export const arbitraryStatement: fc.Arbitrary<Statement> = fc.oneof(
  { weight: 11, arbitrary: fc.record({ kind: kind('select'), select: select(0) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('insert'),
      ...{ table: pick, aliased: fc.boolean(), columns, listed: fc.boolean(), returning },
      rows: fc.array(row, { minLength: 1, maxLength: 3 }),
      select: maybe(select(1), 2),
      conflict: maybe(conflict, 2),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('update'),
      ...{ table: pick, aliased: fc.boolean(), sets, from: maybe(pick, 2), where: maybe(tied.condition), returning },
      style: fc.constantFrom<'single' | 'row' | 'query'>('single', 'row', 'query'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('delete'),
      ...{ table: pick, aliased: fc.boolean(), using: maybe(pick), where: maybe(tied.condition), returning },
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('merge'),
      ...{ table: pick, source: pick, condition: maybe(tied.condition), sets, columns, row, remove: fc.boolean() },
    }),
  },
)
