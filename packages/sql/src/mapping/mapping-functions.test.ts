import { changeColumnType, defineMigration, renameColumn } from '@expand-contract/core'
import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../parse/parser.ts'
import { mappingFunctions } from './mapping-functions.ts'

beforeAll(loadParser)

test('names the functions of every mapping, each once', () => {
  const found = mappingFunctions([
    renameColumn({ table: 'users', from: 'name', to: 'full_name' }),
    defineMigration({
      id: 'split',
      table: 'users',
      old: { name: 'text' },
      new: { first_name: 'text', last_name: 'text' },
      forward: {
        first_name: `split_part(coalesce(name, ''), ' ', 1)`,
        last_name: `crm."Tidy"(crm."Tidy"(lower(name)))`,
      },
      backward: { name: `concat_ws(' ', first_name, last_name)` },
    }),
    changeColumnType({ table: 't', from: 'a', fromType: 'int4', to: 'b', type: 'int8' }),
  ])
  expect(found).toEqual([
    { migration: 'split', column: 'first_name', schema: undefined, name: 'split_part' },
    { migration: 'split', column: 'last_name', schema: 'crm', name: 'Tidy' },
    { migration: 'split', column: 'last_name', schema: undefined, name: 'lower' },
    { migration: 'split', column: 'name', schema: undefined, name: 'concat_ws' },
  ])
})
