import { DECISIONS, type Migration, type PhysicalState, renameColumn, splitColumn } from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { catalogOf } from '../../fixtures/plan-statement.ts'
import { type TableFacts, tableFacts } from '../../fixtures/relation-facts.ts'
import { compileMigration } from '../mapping/compiled-migration.ts'
import { loadParser } from '../parse/parser.ts'
import { decidedMigrationOf } from './decided-migration.ts'
import { type LogicalTable, logicalTable } from './logical-columns.ts'

beforeAll(loadParser)

const DECISION_AT = { old: DECISIONS.oldOnly, both: DECISIONS.bothReadNew, new: DECISIONS.newOnly } as const

function logical(columns: TableFacts['columns'], ...migrations: readonly Migration[]): LogicalTable {
  const relation = catalogOf(migrations, [tableFacts('t', { columns })]).relation(undefined, 't')
  if (!relation) throw new RangeError('the table is not there')
  const decidedMigrations = relation.migrations.map((bound) =>
    decidedMigrationOf(
      bound,
      compileMigration(bound.migration),
      relation,
      DECISION_AT[bound.physical as PhysicalState],
    ),
  )
  return logicalTable(relation, decidedMigrations)
}

const namesOf = ({ columns }: LogicalTable): readonly string[] => columns.map(({ name }) => name)

const rename = (options: { readonly after?: string; readonly app?: 'old' | 'new' } = {}): Migration =>
  renameColumn({ table: 't', from: 'name', to: 'full_name', type: 'text', ...options })

const [id, name, age, full_name] = ['integer', 'text', 'integer', 'text']

describe('the columns of `*`', () => {
  it('are those of the table while only the old side is there', () => {
    const table = logical({ id: 'integer', name: 'text', age: 'integer' }, rename())
    expect(namesOf(table)).toEqual(['id', 'name', 'age'])
    expect([...table.hidden.keys()]).toEqual(['full_name'])
  })

  it('leave out the shadow, wherever it stands', () => {
    expect(namesOf(logical({ id, full_name, name, age }, rename()))).toEqual(['id', 'name', 'age'])
  })

  it.each<[string, TableFacts['columns'], readonly string[]]>([
    ['the place of the one dropped column', { id, name: null, age, full_name }, ['id', 'name', 'age']],
    ['the first place', { name: null, id, age, full_name }, ['name', 'id', 'age']],
    ['the last place', { id, age, name: null, full_name }, ['id', 'age', 'name']],
    ['the end behind everything', { id, age, full_name, name: null }, ['id', 'age', 'name']],
  ])('have a dropped one in %s', (_, columns, names) => {
    expect(logical(columns, rename())).toMatchObject({ placed: true })
    expect(namesOf(logical(columns, rename()))).toEqual(names)
  })

  it.each<[string, TableFacts['columns']]>([
    ['nothing is dropped, as in a table that was made anew', { id, age, full_name }],
    ['several are dropped', { id, name: null, age, other: null, full_name }],
  ])('have it last, and say so, where %s', (_, columns) => {
    expect(logical(columns, rename())).toMatchObject({ placed: false })
    expect(namesOf(logical(columns, rename()))).toEqual(['id', 'age', 'name'])
  })

  it.each([
    ['id', ['id', 'name', 'age']],
    ['age', ['id', 'age', 'name']],
    ['', ['name', 'id', 'age']],
  ])('have it behind the column that the migration declares: %j', (after, names) => {
    const table = logical({ id, other: null, age, name: null, full_name }, rename({ after }))
    expect(namesOf(table)).toEqual(names)
    expect(table.placed).toBe(true)
  })

  it('say so where that column is not there', () => {
    expect(logical({ id, age, full_name }, rename({ after: 'nick' })).placed).toBe(false)
  })

  it('have a column that is to come at the end, where ADD COLUMN will put it', () => {
    const table = logical({ id, name, age }, rename({ app: 'new' }))
    expect(namesOf(table)).toEqual(['id', 'age', 'full_name'])
    expect([...table.hidden.keys()]).toEqual(['name'])
    expect(table.placed).toBe(true)
  })

  it('have all columns of a side that is computed, in their declared order', () => {
    const merge = splitColumn({
      table: 't',
      from: 'name',
      to: { first: 'text', last: 'text' },
      forward: { first: 'name', last: 'name' },
      backward: 'first || last',
      app: 'new',
    })
    expect(namesOf(logical({ id, name, age }, merge))).toEqual(['id', 'age', 'first', 'last'])
  })

  it('have the columns of several migrations', () => {
    const other = renameColumn({ table: 't', from: 'age', to: 'years', type: 'integer' })
    const table = logical({ id, name, age, full_name, years: 'integer' }, rename(), other)
    expect(table.columns.map((column) => [column.name, column.decided?.bound.migration.id])).toEqual([
      ['id', undefined],
      ['name', 't.full_name'],
      ['age', 't.years'],
    ])
    expect([...table.hidden.keys()]).toEqual(['full_name', 'years'])
  })
})
