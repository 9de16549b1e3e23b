import fc from 'fast-check'
import { expect, it } from 'vitest'
import { blockRange, blocksIn, halves, type TidRange, tidLiteral } from './tid-range.ts'

it('is written as PostgreSQL writes a tid', () => {
  expect(tidLiteral({ block: 17, offset: 3 })).toBe("'(17,3)'::tid")
})

it('is split between blocks first', () => {
  expect(halves(blockRange(0, 5))).toEqual([blockRange(0, 2), blockRange(2, 5)])
})

it('halving ends at single line pointers, which together are the range', () => {
  const leaves = (range: TidRange): readonly TidRange[] => halves(range)?.flatMap(leaves) ?? [range]
  fc.assert(
    fc.property(fc.nat(50), fc.integer({ min: 1, max: 3 }), (block, blocks) => {
      const range = blockRange(block, block + blocks)
      const found = leaves(range)
      expect(found).toHaveLength(blocks * 2_048)
      expect(found[0]?.from).toEqual(range.from)
      expect(found.at(-1)?.to).toEqual(range.to)
      for (const [index, each] of found.entries()) {
        if (index > 0) expect(each.from).toEqual(found[index - 1]?.to)
        expect(blocksIn(each)).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 5 },
  )
})
