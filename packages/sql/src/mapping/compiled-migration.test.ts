import { changeColumnType, type Migration, splitColumn } from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from '../parse/parser.ts'
import { compileMigration, mappingErrors } from './compiled-migration.ts'
import { renderTemplate } from './mapping-template.ts'

beforeAll(loadParser)

const split = (app: 'old' | 'new', backward = "concat_ws(' ', first_name, last_name)"): Migration =>
  splitColumn({
    table: 'crm.users',
    from: 'name',
    to: { first_name: 'text', last_name: 'text' },
    forward: { first_name: "split_part(name, ' ', 1)", last_name: "split_part(name, ' ', 2)" },
    backward,
    app,
  })

const rendered = (migration: Migration, target: string): string => {
  const { toLogical, toShadow } = compileMigration(migration)
  const mapping = toLogical.get(target) ?? toShadow.get(target)
  return mapping?.kind === 'sql' ? renderTemplate(mapping.template, (column) => `<${column}>`) : `${mapping?.column}`
}

describe('compileMigration', () => {
  it("takes the application's side as the logical one", () => {
    expect(compileMigration(split('old'))).toMatchObject({
      logicalSide: 'old',
      logical: ['name'],
      shadow: ['first_name', 'last_name'],
    })
    expect(compileMigration(split('new'))).toMatchObject({
      logicalSide: 'new',
      logical: ['first_name', 'last_name'],
      shadow: ['name'],
    })
  })

  it.each(['old', 'new'] as const)('computes each side from the other, seen from the %s one', (app) => {
    const { toLogical, toShadow, logical, shadow } = compileMigration(split(app))
    expect([...toLogical.keys()]).toEqual(logical)
    expect([...toShadow.keys()]).toEqual(shadow)
    expect(rendered(split(app), 'first_name')).toBe("(split_part(<name>, ' ', 1))")
    expect(rendered(split(app), 'name')).toBe("(concat_ws(' ', <first_name>, <last_name>))")
  })

  it('leaves the copy of a column as it is', () => {
    const migration = changeColumnType({ table: 't', from: 'a', fromType: 'int4', to: 'b', type: 'int8' })
    expect(rendered(migration, 'a')).toBe('b')
    expect(rendered(migration, 'b')).toBe('a')
  })
})

describe('mappingErrors', () => {
  it('finds what only the grammar of PostgreSQL can tell, with the names of the user', () => {
    const wrong = split('old', 'first_name last_name last_name')
    const id = 'crm.users.first_name+last_name'
    expect([...mappingErrors([split('new'), wrong])]).toEqual([
      [
        id,
        expect.objectContaining({
          code: 'EC_EXPRESSION',
          migration: id,
          message:
            'EC_EXPRESSION: The mapping of "name" in the migration crm.users.first_name+last_name is not one SQL expression.\n' +
            '  Write one immutable SQL expression over "first_name", "last_name".',
        }),
      ],
    ])
  })

  it('finds other columns', () => {
    expect([...mappingErrors([split('old', 'first_name || nick')]).values()]).toEqual([
      expect.objectContaining({
        code: 'EC_MAPPING_COLUMN',
        message: expect.stringContaining(
          'The mapping of "name" in the migration crm.users.first_name+last_name names "nick"',
        ),
      }),
    ])
  })

  it('accepts what is right', () => {
    expect([...mappingErrors([split('old'), split('new')])]).toEqual([])
  })
})
