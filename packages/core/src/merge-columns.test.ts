import { describe, expect, it } from 'vitest'
import { mergeColumns } from './merge-columns.ts'

const merge = {
  table: 'orders',
  from: { day: 'date', hour: 'time' },
  to: 'placed_at',
  type: 'timestamp',
  forward: 'day + hour',
  backward: { day: 'placed_at::date', hour: 'placed_at::time' },
}

describe('mergeColumns', () => {
  it('computes the new column from the old ones', () => {
    expect(mergeColumns(merge)).toMatchObject({
      id: 'orders.placed_at',
      old: [
        { name: 'day', type: 'date' },
        { name: 'hour', type: 'time' },
      ],
      new: [{ name: 'placed_at', type: 'timestamp' }],
      forward: { placed_at: { kind: 'sql', sql: 'day + hour' } },
      backward: { day: { kind: 'sql', sql: 'placed_at::date' }, hour: { kind: 'sql', sql: 'placed_at::time' } },
    })
  })

  it.each([
    [{ ...merge, from: {} }, 'EC_COLUMNS', 'The migration of "orders" declares no old column'],
    [{ ...merge, backward: { day: 'placed_at::date' } }, 'EC_MAPPING_MISSING', 'The old column "hour"'],
    [
      { ...merge, backward: undefined as unknown as typeof merge.backward },
      'EC_MAPPING_MISSING',
      'The old column "day"',
    ],
    [{ ...merge, forward: undefined as unknown as string }, 'EC_EXPRESSION', 'is undefined, not SQL text'],
    [{ ...merge, to: '' }, 'EC_IDENTIFIER', 'The column `to` of mergeColumns is empty'],
  ])('refuses %j', (declaration, code, message) => {
    expect(() => mergeColumns(declaration)).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
