import { defineMigration, quoteIdentifier, renameColumn, type Side } from '@expand-contract/core'
import fc from 'fast-check'
import { SITUATIONS } from '../situation.ts'
import type { Family, Model, ModelColumn, ModelTable } from './model.ts'
import { contentsOf, outOfStepOf, schemaScript, stageScript } from './model-scripts.ts'
import { NUMBERS, SHAPES, TEXTS } from './shapes.ts'

/** Names that clash: with each other but for case, with tables, key words and positions in `*`. */
const COLUMN_NAMES = ['name', 'Name', 'label', 'value', 'order', 'full name', 'users', 'items', 'x', 'ec']
const TABLE_NAMES = ['users', 'items', 'User', 'name', 'label']

const PLAIN: readonly { readonly type: string; readonly family: Family; readonly literals: readonly string[] }[] = [
  { type: 'text', family: 'text', literals: TEXTS },
  { type: 'integer', family: 'number', literals: NUMBERS },
  { type: 'varchar(200)', family: 'text', literals: TEXTS },
  { type: 'bigint', family: 'number', literals: NUMBERS },
  { type: 'boolean', family: 'boolean', literals: ['true', 'false'] },
  { type: 'date', family: 'date', literals: ["date '2024-02-29'", "date '2000-01-01'"] },
]

const arbitraryTable = fc.record({
  columns: fc.array(fc.record({ type: fc.nat({ max: PLAIN.length - 1 }), notNull: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  }),
  rows: fc.array(fc.array(fc.nat({ max: 6 }), { minLength: 8, maxLength: 8 }), { minLength: 0, maxLength: 5 }),
})

const arbitraryChoices = fc.record({
  app: fc.constantFrom<Side>('old', 'new'),
  situation: fc.constantFrom(...SITUATIONS),
  shape: fc.constantFrom(...SHAPES),
  names: fc.shuffledSubarray(COLUMN_NAMES, { minLength: COLUMN_NAMES.length }),
  tableNames: fc.shuffledSubarray(TABLE_NAMES, { minLength: 3, maxLength: 3 }),
  /** Plain columns of the migrating table that stand before the migrating ones. */
  before: fc.nat({ max: 3 }),
  notNull: fc.boolean(),
  unique: fc.boolean(),
  hasDefault: fc.boolean(),
  tables: fc.array(arbitraryTable, { minLength: 2, maxLength: 3 }),
})

type Choices = typeof arbitraryChoices extends fc.Arbitrary<infer T> ? T : never

export const arbitraryModel: fc.Arbitrary<Model> = arbitraryChoices.map(modelOf)

function modelOf(choices: Choices): Model {
  const { app, situation, shape, names, tableNames } = choices
  const part = partOf(choices)
  const plainTables = choices.tables.map((table, index): ModelTable => {
    const taken = index === 0 ? [...part.old, ...part.new].map((column) => column.name) : []
    // The other tables have columns named like the migrating ones of both sides.
    const free = names.filter((name) => !taken.includes(name))
    const order = index === 0 ? free : [...names.slice(index - 1), ...names.slice(0, index - 1)]
    const columns = table.columns.map(({ type, notNull }, at): ModelColumn => {
      const { literals: _, ...plain } = plainType(type)
      return { ...plain, name: order[at] ?? `c${at}`, notNull, default: undefined, only: [] }
    })
    const rows = table.rows.map((picks, row) => [
      String(row + 1),
      ...table.columns.map(({ type, notNull }, at) => pickLiteral(plainType(type).literals, picks[at] ?? 0, notNull)),
    ])
    return { name: tableNames[index] ?? `t${index}`, columns, rows }
  })
  const [first, ...others] = plainTables
  if (first === undefined) throw new Error('There is no table')
  const samples = choices.tables[0]?.rows.map((picks, row) => {
    const pick = choices.unique ? row : (picks[7] ?? 0)
    const isNull = !part.old.every((column) => column.notNull) && picks[6] === 0
    const sample = shape.samples[pick % shape.samples.length]
    const tuple = (side: Side): readonly string[] =>
      isNull || sample === undefined ? shape.columns[side].map(() => 'null') : sample[side]
    return { old: tuple('old'), new: tuple('new') }
  })
  const at = { old: Math.min(choices.before, first.columns.length), new: first.columns.length }
  const withPart = (side: Side): ModelTable => ({
    name: first.name,
    columns: first.columns.toSpliced(at[side], 0, ...part[side]),
    // Fewer rows than a unique constraint has samples for.
    rows: first.rows
      .slice(0, choices.unique ? shape.samples.length : undefined)
      .map((row, index) => row.toSpliced(at[side] + 1, 0, ...(samples?.[index]?.[side] ?? []))),
  })
  const side = { old: [withPart('old'), ...others], new: [withPart('new'), ...others] }
  const facts = { table: first.name, part, unique: choices.unique && part.old.length === 1 && part.new.length === 1 }
  return {
    app,
    situation,
    migration: declare(choices, facts),
    tables: side[app],
    twinScript: schemaScript(side[app], facts, app),
    stageScript: stageScript(side.old, facts, situation.stage),
    twinContents: contentsOf(side[app], facts, app, app),
    contents: situation.written.map((written) => contentsOf(side[app], facts, app, written)),
    outOfStep: situation.written.length === 2 ? outOfStepOf(facts) : undefined,
  }
}

export interface Part {
  readonly old: readonly ModelColumn[]
  readonly new: readonly ModelColumn[]
  /** Per side, its columns as SQL over the other side's. */
  readonly computed: Readonly<Record<Side, readonly string[]>>
}

export interface PartFacts {
  readonly table: string
  readonly part: Part
  readonly unique: boolean
}

function partOf({ shape, names, notNull, hasDefault }: Choices): Part {
  // A merge whose columns could be NULL one by one would lose the other one.
  const strict = notNull || shape.columns.old.length + shape.columns.new.length > 2
  const taken = { old: names.slice(0, shape.columns.old.length), new: [] as string[] }
  taken.new = names.slice(taken.old.length, taken.old.length + shape.columns.new.length)
  const columns = (side: Side): readonly ModelColumn[] =>
    shape.columns[side].map(({ type, family, samplesOnly }, index) => ({
      name: taken[side][index] ?? '',
      type,
      family,
      notNull: strict,
      default: hasDefault ? shape.samples[0]?.[side][index] : undefined,
      only: samplesOnly ? [...new Set(shape.samples.map((sample) => sample[side][index] ?? 'null'))] : [],
    }))
  const over = (side: Side): readonly string[] =>
    shape.computed[side].map((sql) =>
      sql.replace(/\$(\d)/gu, (_, number: string) =>
        quoteIdentifier(taken[side === 'old' ? 'new' : 'old'][Number(number) - 1] ?? ''),
      ),
    )
  return { old: columns('old'), new: columns('new'), computed: { old: over('old'), new: over('new') } }
}

function declare({ shape, app }: Choices, { table, part, unique }: PartFacts): Model['migration'] {
  const named = { table: quoteIdentifier(table), app, flag: 'generated', id: 'generated' }
  const constraints = unique ? { constraints: { old_key: 'new_key' } } : {}
  const [old] = part.old
  const [added] = part.new
  if (shape.name.startsWith('rename') && old && added)
    return renameColumn({ ...named, ...constraints, from: old.name, to: added.name, type: old.type })
  const types = (columns: readonly ModelColumn[]): Record<string, string> =>
    Object.fromEntries(columns.map((column) => [column.name, column.type]))
  const mapping = (side: Side): Record<string, string> =>
    Object.fromEntries(part[side].map((column, index) => [column.name, part.computed[side][index] ?? '']))
  return defineMigration({
    ...{ ...named, ...constraints },
    old: types(part.old),
    new: types(part.new),
    forward: mapping('new'),
    backward: mapping('old'),
  })
}

function plainType(type: number): (typeof PLAIN)[number] {
  const found = PLAIN[type]
  if (found === undefined) throw new Error(`There is no type ${type}`)
  return found
}

const pickLiteral = (literals: readonly string[], pick: number, notNull: boolean): string =>
  pick === 0 && !notNull ? 'null' : (literals[pick % literals.length] ?? 'null')
