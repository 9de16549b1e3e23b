import { describe, expect, it } from 'vitest'
import { splitColumn } from './split-column.ts'

const split = {
  table: 'users',
  from: 'name',
  to: { first_name: 'text', last_name: 'text' },
  forward: { first_name: "split_part(name, ' ', 1)", last_name: "substr(name, strpos(name, ' ') + 1)" },
  backward: "concat_ws(' ', first_name, last_name)",
}

describe('splitColumn', () => {
  it('computes every new column from the old one', () => {
    expect(splitColumn({ ...split, fromType: 'text' })).toMatchObject({
      id: 'users.first_name+last_name',
      old: [{ name: 'name', type: 'text' }],
      new: [
        { name: 'first_name', type: 'text' },
        { name: 'last_name', type: 'text' },
      ],
      forward: { first_name: { kind: 'sql', sql: split.forward.first_name } },
      backward: { name: { kind: 'sql', sql: split.backward } },
    })
  })

  it.each([
    [{ ...split, to: {} }, 'EC_COLUMNS', 'The migration of "users" declares no new column'],
    [{ ...split, to: { ...split.to, name: 'text' } }, 'EC_COLUMNS', 'The column "name"'],
    [
      { ...split, forward: { first_name: 'name' } },
      'EC_MAPPING_MISSING',
      'The new column "last_name" of the migration of "users" has no mapping',
    ],
    [
      { ...split, forward: { ...split.forward, middle: 'name' } },
      'EC_MAPPING_COLUMN',
      'computes "middle", which is not one of its new columns ("first_name", "last_name")',
    ],
    [{ ...split, from: null as unknown as string }, 'EC_IDENTIFIER', 'The column `from` of splitColumn is null'],
  ])('refuses %j', (declaration, code, message) => {
    expect(() => splitColumn(declaration)).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
