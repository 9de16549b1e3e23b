import { changeColumnType, splitColumn } from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from '../parse/parser.ts'
import { renderMappings } from './render-mappings.ts'

beforeAll(loadParser)

describe.each(['old', 'new'] as const)('renderMappings, the application being written against the %s side', (app) => {
  it('gives the columns of a side as expressions over those of the other one', () => {
    const person = splitColumn({
      ...{ table: 'users', from: 'name', to: { first: 'text', last: 'text' }, app },
      forward: { first: "split_part(name, ' ', 1)", last: "split_part(name, ' ', 2)" },
      backward: "concat_ws(' ', first, last)",
    })
    expect([...renderMappings(person, 'new', (column) => `new."${column}"`)]).toEqual([
      ['first', { copied: undefined, sql: `(split_part(new."name", ' ', 1))` }],
      ['last', { copied: undefined, sql: `(split_part(new."name", ' ', 2))` }],
    ])
    expect(renderMappings(person, 'old', (column) => column).get('name')?.sql).toBe("(concat_ws(' ', first, last))")
  })

  it('tells a copy', () => {
    const wider = changeColumnType({ table: 't', from: 'a', fromType: 'int4', to: 'b', type: 'int8', app })
    expect(renderMappings(wider, 'new', (column) => `x.${column}`).get('b')).toEqual({ copied: 'a', sql: 'x.a' })
    expect(renderMappings(wider, 'old', (column) => `x.${column}`).get('a')).toEqual({ copied: 'b', sql: 'x.b' })
  })
})
