import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DECISIONS, type Decision, decisionFor } from './decision.ts'
import type { Side } from './migration.ts'
import type { PhysicalState } from './phase.ts'

const write = fc.constantFrom<Decision['write']>('old', 'both', 'new')
const read = fc.constantFrom<Side>('old', 'new')
const physical = fc.constantFrom<PhysicalState>('old', 'both', 'new')

const writes = (decision: Decision, side: Side): boolean => decision.write === 'both' || decision.write === side

describe('decisionFor', () => {
  it('always writes the side that it reads', () => {
    fc.assert(
      fc.property(write, read, physical, (...rule) => {
        const decision = decisionFor(...rule)
        expect(writes(decision, decision.read)).toBe(true)
      }),
    )
  })

  it('never uses a column that does not exist', () => {
    fc.assert(
      fc.property(write, read, fc.constantFrom<Side>('old', 'new'), (wanted, side, only) => {
        expect(decisionFor(wanted, side, only)).toEqual({ read: only, write: only })
      }),
    )
  })

  it('does what it is told while both columns exist', () => {
    fc.assert(
      fc.property(write, read, (wanted, side) => {
        const decision = decisionFor(wanted, side, 'both')
        expect(decision.read).toBe(side)
        for (const target of ['old', 'new'] as const)
          if (wanted === 'both' || wanted === target) expect(writes(decision, target)).toBe(true)
      }),
    )
  })

  it('writes both when a reader that is pinned to one side meets a phase that writes the other', () => {
    expect(decisionFor('new', 'old', 'both')).toEqual({ read: 'old', write: 'both' })
    expect(decisionFor('old', 'new', 'both')).toEqual({ read: 'new', write: 'both' })
  })

  it('answers with one of four decisions, so that plans are cached by identity', () => {
    const known: readonly Decision[] = Object.values(DECISIONS)
    fc.assert(
      fc.property(write, read, physical, (...rule) => {
        expect(known).toContain(decisionFor(...rule))
      }),
    )
  })
})
