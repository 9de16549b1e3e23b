import { describe, expect, it } from 'vitest'
import { changeColumnType } from './change-column-type.ts'

describe('changeColumnType', () => {
  it('casts both ways where only types are given', () => {
    const migration = changeColumnType({
      table: 'orders',
      from: 'quantity',
      fromType: 'int4',
      to: 'quantity_big',
      type: 'int8',
    })
    expect(migration).toMatchObject({
      id: 'orders.quantity_big',
      old: [{ name: 'quantity', type: 'int4' }],
      new: [{ name: 'quantity_big', type: 'int8' }],
      forward: { quantity_big: { kind: 'column', column: 'quantity' } },
      backward: { quantity: { kind: 'column', column: 'quantity_big' } },
    })
  })

  it('takes the mappings that are given', () => {
    const migration = changeColumnType({
      table: 'orders',
      from: 'amount',
      to: 'amount_numeric',
      type: 'numeric(12,2)',
      forward: 'amount::numeric / 100',
      backward: '(amount_numeric * 100)::int',
    })
    expect(migration.old).toEqual([{ name: 'amount', type: undefined }])
    expect(migration.forward).toEqual({ amount_numeric: { kind: 'sql', sql: 'amount::numeric / 100' } })
    expect(migration.backward).toEqual({ amount: { kind: 'sql', sql: '(amount_numeric * 100)::int' } })
  })

  const change = { table: 'orders', from: 'amount', to: 'amount_big', type: 'int8' }

  it.each([
    [change, 'EC_MAPPING_MISSING', 'The type change of "amount" in "orders" says neither its old type nor'],
    [{ ...change, fromType: 'int4; --' }, 'EC_TYPE', 'The type "int4; --" of the old column "amount"'],
    [{ ...change, fromType: 'int4', type: 'int8 not null' }, 'EC_TYPE', 'of the new column "amount_big"'],
    [
      { ...change, fromType: 'int4', forward: 'amount * random()' },
      'EC_VOLATILE_MAPPING',
      'of "amount_big" of the migration of "orders" uses random',
    ],
    [
      { ...change, fromType: 'int4', forward: 'amount_big::int8' },
      'EC_MAPPING_COLUMN',
      'of "amount_big" of the migration of "orders" names amount_big',
    ],
    [{ ...change, backward: 'amount' }, 'EC_MAPPING_COLUMN', 'of "amount" of the migration of "orders" names amount'],
    [
      { ...change, fromType: 'int4', from: 7 as unknown as string },
      'EC_IDENTIFIER',
      'The column `from` of changeColumnType is number',
    ],
  ])('refuses %j', (declaration, code, message) => {
    expect(() => changeColumnType(declaration)).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
