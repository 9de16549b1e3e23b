import { describe, expect, it } from 'vitest'
import { CORE_ERRORS } from './error-catalogue.ts'
import { ExpandContractError } from './errors.ts'

describe('ExpandContractError', () => {
  const cause = new Error('underneath')
  const error = new ExpandContractError('EC_TABLE', { message: 'What.', hint: 'Do this.', migration: 'm', cause })

  it('carries its facts as fields and says them all in its text', () => {
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'ExpandContractError',
      code: 'EC_TABLE',
      hint: 'Do this.',
      migration: 'm',
      cause,
    })
    expect(error.message).toBe('EC_TABLE: What.\n  Do this.')
  })

  it('has no cause where none is given', () => {
    expect('cause' in new ExpandContractError('EC_TABLE', { message: 'What.', hint: 'Do.' })).toBe(false)
  })

  it('is known by its brand, so that two copies of the package agree', () => {
    const foreign = Object.defineProperty(new Error('x'), Symbol.for('expand-contract.error'), { value: true })
    expect(ExpandContractError.isInstance(error)).toBe(true)
    expect(ExpandContractError.isInstance(foreign)).toBe(true)
    for (const other of [new Error('x'), { code: 'EC_TABLE' }, 'EC_TABLE', null, undefined])
      expect(ExpandContractError.isInstance(other)).toBe(false)
  })

  it('is known by `instanceof` in the same way, and a subclass of it by its own', () => {
    class Own extends ExpandContractError {}
    const own = new Own('EC_TABLE', { message: 'What.', hint: 'Do this.' })
    const foreign = Object.defineProperty(new Error('x'), Symbol.for('expand-contract.error'), { value: true })
    expect([error, own, foreign, new Error('x')].map((each) => each instanceof ExpandContractError)).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect([error, own, foreign].map((each) => each instanceof Own)).toEqual([false, true, false])
  })
})

it('every code of the catalogue says what happened in one sentence', () => {
  for (const [code, { what }] of Object.entries(CORE_ERRORS)) {
    expect(code).toMatch(/^EC_[A-Z]+(_[A-Z]+)*$/u)
    expect(what).toMatch(/^[A-Z].*[^.]\.$/u)
  }
})
