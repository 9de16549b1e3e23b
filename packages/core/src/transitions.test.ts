import { describe, expect, it } from 'vitest'
import { PHASES, type Phase } from './phase.ts'
import { isTransition, OPERATIONS, phaseAfter, TRANSITIONS } from './transitions.ts'

const phases = Object.keys(PHASES) as Phase[]

describe('the moves between phases', () => {
  it('are one step at a time, forward and back', () => {
    const moves = phases.flatMap((from) =>
      phases.filter((to) => to !== from && isTransition(from, to)).map((to) => `${from} -> ${to}`),
    )
    expect(moves).toEqual([
      'off -> expand',
      'expand -> off',
      'expand -> switch',
      'switch -> expand',
      'switch -> contract',
      'contract -> switch',
      'contract -> hold',
      'hold -> contract',
      'hold -> dropped',
      'dropped -> contract',
    ])
  })

  it('say what an operation leads to, and that others are not legal', () => {
    expect(phaseAfter('expand', 'switch')).toBe('switch')
    expect(phaseAfter('expand', 'backfill')).toBe('expand')
    // Old rows may be filled while both are written: a writer that bypassed everything, or a partition that came later.
    expect(phaseAfter('switch', 'backfill')).toBe('switch')
    expect(phaseAfter('contract', 'backfill')).toBeUndefined()
    expect(phaseAfter('off', 'switch')).toBeUndefined()
    expect(phaseAfter('switch', 'drop')).toBeUndefined()
  })

  it('list the operations of every phase', () => {
    expect(OPERATIONS.off).toEqual(['expand'])
    for (const phase of phases) expect(OPERATIONS[phase]).toEqual(Object.keys(TRANSITIONS[phase]))
    for (const phase of phases.filter((each) => each !== 'off' && each !== 'dropped'))
      expect(OPERATIONS[phase]).toContain('rollback')
    expect(OPERATIONS.dropped).toEqual(['restore'])
  })
})
