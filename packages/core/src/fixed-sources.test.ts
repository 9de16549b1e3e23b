import { describe, expect, it } from 'vitest'
import { fixedFlags, fixedPhases } from './fixed-sources.ts'
import type { Phase } from './phase.ts'
import { renameColumn } from './rename-column.ts'
import { createRuntime } from './runtime.ts'

const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'users-full-name' })

describe('fixedFlags', () => {
  it('answers from the record, and false for the rest', () => {
    const flags = fixedFlags({ on: true, off: false })
    expect(['on', 'off', 'unknown', 'constructor'].map((flag) => flags.isEnabled(flag, {}))).toEqual([
      true,
      false,
      false,
      false,
    ])
    expect(flags.ageMs?.()).toBe(0)
  })

  it('answers what was set last', () => {
    const flags = fixedFlags()
    flags.set('on', true)
    expect(flags.isEnabled('on', {})).toBe(true)
    flags.set('on', false)
    expect(flags.isEnabled('on', {})).toBe(false)
  })

  it('is refused with a flag that no migration has', async () => {
    await expect(
      createRuntime({ migrations: [fullName], flags: fixedFlags({ 'user-full-name': true }) }),
    ).rejects.toMatchObject({
      code: 'EC_UNKNOWN_MIGRATION',
      message: expect.stringContaining('The flag "user-full-name" is set, but no migration of this runtime has it.'),
      hint: expect.stringContaining('"users-full-name"'),
    })
    await expect(createRuntime({ migrations: [], flags: fixedFlags({ x: true }) })).rejects.toMatchObject({
      hint: expect.stringContaining('there are none yet'),
    })
  })
})

describe('fixedPhases', () => {
  it('answers from the record, and undefined for the rest', () => {
    const phases = fixedPhases({ a: 'expand' })
    expect(['a', 'b', 'constructor'].map((id) => phases.phaseOf(id))).toEqual(['expand', undefined, undefined])
  })

  it('answers what was set last', () => {
    const phases = fixedPhases({ a: 'expand' })
    phases.set('a', 'switch')
    expect(phases.phaseOf('a')).toBe('switch')
    phases.set('a', undefined)
    expect(phases.phaseOf('a')).toBeUndefined()
  })

  it('refuses a phase that does not exist', () => {
    const misspelt = 'swich' as Phase
    const refusal = expect.objectContaining({
      code: 'EC_PHASE',
      message: expect.stringContaining('The migration "a" cannot be in the phase "swich"'),
      hint: expect.stringContaining('off, expand, switch, contract'),
      migration: 'a',
    })
    expect(() => fixedPhases({ a: misspelt })).toThrowError(refusal)
    expect(() => fixedPhases().set('a', misspelt)).toThrowError(refusal)
    expect(() => fixedPhases().set('a', 'constructor' as Phase)).toThrowError(/EC_PHASE/u)
  })

  it('is refused with the id of a migration that is not declared', async () => {
    const phases = fixedPhases({ 'users.fullname': 'switch' })
    await expect(createRuntime({ migrations: [fullName], phases })).rejects.toMatchObject({
      code: 'EC_UNKNOWN_MIGRATION',
      message: expect.stringContaining('A phase is set for "users.fullname"'),
      hint: expect.stringContaining('"users.full_name"'),
    })
  })
})
