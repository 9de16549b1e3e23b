import { renameColumn, splitColumn } from '@expand-contract/core'
import { describe, expect, it } from 'vitest'
import { columnType, tableFacts } from '../../fixtures/relation-facts.ts'
import { type CatalogInput, createCatalog } from './create-catalog.ts'

const rename = renameColumn({ table: 'users', from: 'name', to: 'full_name' })
const split = splitColumn({
  table: 'crm.people',
  from: 'name',
  to: { first: 'text', last: 'text' },
  forward: { first: 'name', last: 'name' },
  backward: 'first || last',
})
const nick = renameColumn({ table: 'users', from: 'nick', to: 'handle' })

const users = (...columns: readonly string[]) =>
  tableFacts('users', { columns: Object.fromEntries(['id', ...columns].map((name) => [name, 'text'])) })

const catalog = (input: Partial<CatalogInput>) =>
  createCatalog({ migrations: [rename], relations: [], absent: [], aliases: [], ...input })

const named = (name: string, facts: CatalogInput['relations'][number]['facts'], schema?: string) => ({
  schema,
  name,
  facts,
})

describe('the physical state', () => {
  it.each([
    [['name'], 'old'],
    [['name', 'full_name'], 'both'],
    [['full_name'], 'new'],
    [[], 'incomplete'],
  ])('of a table with %j is %s', (columns, physical) => {
    const found = catalog({ relations: [named('users', users(...columns))] }).relation(undefined, 'users')
    expect(found?.migrations).toEqual([expect.objectContaining({ migration: rename, physical })])
  })

  it.each([
    [['name'], 'old'],
    [['name', 'first'], 'old'],
    [['name', 'first', 'last'], 'both'],
    [['first', 'last'], 'new'],
    [['first'], 'incomplete'],
  ])('of several columns asks for all of a side: %j is %s', (columns, physical) => {
    const facts = tableFacts('people', {
      schema: 'crm',
      columns: Object.fromEntries(['id', ...columns].map((name) => [name, 'text'])),
    })
    const found = catalog({ migrations: [split], relations: [named('people', facts, 'crm')] })
    expect(found.relation('crm', 'people')?.migrations[0]?.physical).toBe(physical)
  })
})

describe('a table', () => {
  it('has every migration of its own, each in its own state', () => {
    const found = catalog({
      migrations: [rename, nick, split],
      relations: [named('users', users('name', 'nick', 'handle'))],
    })
    expect(found.tables).toHaveLength(1)
    expect(found.tables[0]?.migrations.map(({ migration, physical }) => [migration.id, physical])).toEqual([
      ['users.full_name', 'old'],
      ['users.handle', 'both'],
    ])
  })

  it('is the same object under each of its names', () => {
    const facts = users('name')
    const found = catalog({ relations: [named('users', facts), named('users', facts, 'public')] })
    expect(found.relation('public', 'users')).toBe(found.relation(undefined, 'users'))
    expect(found.tables[0]).toBe(found.relation(undefined, 'users'))
  })

  it('is every table of its name where no schema is declared, and the one of its schema otherwise', () => {
    const other = tableFacts('users', { oid: 99, schema: 'old', columns: { id: 'integer', name: 'text' } })
    const relations = [named('users', users('name')), named('users', other, 'old')]
    expect(catalog({ relations }).relation('old', 'users')?.migrations).toHaveLength(1)
    const declared = renameColumn({ table: 'public.users', from: 'name', to: 'full_name' })
    const found = catalog({
      migrations: [declared],
      relations: [...relations, named('users', users('name'), 'public')],
    })
    expect(found.relation('old', 'users')).toMatchObject({ oid: 99, migrations: [] })
    expect(found.relation(undefined, 'users')?.migrations).toHaveLength(1)
  })

  it('may be known to be none, or not yet be known', () => {
    const found = catalog({
      relations: [named('users', null), named('teams', tableFacts('teams', { columns: { id: 'integer' } }))],
    })
    expect(found.relation(undefined, 'users')).toBeNull()
    expect(found.relation(undefined, 'nowhere')).toBeUndefined()
    expect(found.relation('public', 'users')).toBeUndefined()
    expect(found.relation(undefined, 'teams')?.migrations).toEqual([])
    expect(found.tables).toEqual([])
  })
})

describe('types', () => {
  it('are those of the columns, and those told of absent ones', () => {
    const facts = tableFacts('users', { columns: { id: 'integer', name: 'character varying(50)' } })
    const absent = [
      { migration: 'users.full_name', column: 'full_name', type: columnType('text') },
      { migration: 'another', column: 'name', type: columnType('uuid') },
    ]
    const found = catalog({ relations: [named('users', facts)], absent })
    expect(found.relation(undefined, 'users')?.migrations[0]?.types).toEqual({
      name: columnType('character varying(50)'),
      full_name: columnType('text'),
    })
  })

  it('may be missing', () => {
    const found = catalog({ relations: [named('users', users('name'))] })
    expect(Object.keys(found.relation(undefined, 'users')?.migrations[0]?.types ?? {})).toEqual(['name'])
  })
})

describe('relations that lead to a table', () => {
  const facts = users('name', 'full_name')

  it('partitions and inheritance children have its migrations, in their own state', () => {
    const part = tableFacts('users_2024', { parents: [7, facts.oid], columns: { id: 'integer', name: 'text' } })
    const found = catalog({ relations: [named('users', facts), named('users_2024', part)] })
    expect(found.relation(undefined, 'users_2024')?.migrations).toEqual([
      expect.objectContaining({ migration: rename, physical: 'old' }),
    ])
    expect(found.tables.map(({ name }) => name)).toEqual(['users'])
  })

  it('views have none, and tell what is under them', () => {
    const viewOf = [1, facts.oid].map((oid) => ({ oid, columns: ['name'] }))
    const view = tableFacts('all_users', { kind: 'view', viewOf, columns: { name: 'text' } })
    const found = catalog({ relations: [named('users', facts), named('all_users', view)] })
    expect(found.relation(undefined, 'all_users')).toMatchObject({
      migrations: [],
      through: [{ table: { name: 'users' }, columns: ['name'] }],
    })
  })
})
