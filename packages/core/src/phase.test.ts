import { describe, expect, it } from 'vitest'
import { PHASES, type Phase, type PhysicalState, ruleFor } from './phase.ts'

const phases = Object.keys(PHASES) as Phase[]

describe('the phase table', () => {
  it('says what DESIGN section 1 says', () => {
    expect(PHASES).toEqual({
      off: { write: 'old', read: 'old' },
      expand: { write: 'both', read: 'old' },
      switch: { write: 'both', read: 'flag' },
      contract: { write: 'new', read: 'new' },
      hold: { write: 'new', read: 'new' },
      dropped: { write: 'new', read: 'new' },
    })
  })

  it('cannot be changed by a program', () => {
    expect(Object.isFrozen(PHASES)).toBe(true)
    for (const phase of phases) expect(Object.isFrozen(PHASES[phase])).toBe(true)
  })

  it('asks the flag in one phase alone', () => {
    expect(phases.filter((phase) => PHASES[phase].read === 'flag')).toEqual(['switch'])
  })
})

describe('ruleFor', () => {
  it('is the rule of the phase while both columns exist, and `expand` where none is recorded', () => {
    for (const phase of phases) expect(ruleFor(phase, 'both')).toBe(PHASES[phase])
    expect(ruleFor(undefined, 'both')).toBe(PHASES.expand)
  })

  it.each<[PhysicalState, Phase]>([
    ['old', 'off'],
    ['new', 'contract'],
  ])('is decided by the columns where only the %s ones exist, whatever phase is recorded', (physical, as) => {
    for (const phase of [undefined, ...phases]) expect(ruleFor(phase, physical)).toBe(PHASES[as])
  })
})
