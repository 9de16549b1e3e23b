import { describe, expect, it } from 'vitest'
import { MigratingColumn } from './migrating-column.ts'
import type { MigratingColumnOptions } from './migrating-column-options.ts'

const to = { name: 'full_name', type: 'text' } as const

const decorate = (options: unknown, ...args: unknown[]): unknown => {
  const decorator = MigratingColumn(options as MigratingColumnOptions) as (...args: unknown[]) => unknown
  return decorator(...args)
}

class User {}

describe('MigratingColumn', () => {
  it('takes a property of a class', () => {
    expect(decorate({ to }, User.prototype, 'name')).toBeUndefined()
  })

  it('refuses standard decorators, and says how to get the others', () => {
    expect(() => decorate({ to }, undefined, { kind: 'field', name: 'name' })).toThrowError(
      expect.objectContaining({
        code: 'EC_TYPEORM_DECORATOR',
        message: expect.stringContaining('standard (TC39) decorator'),
        hint: expect.stringContaining('experimentalDecorators'),
      }),
    )
  })

  it.each([
    ['a static property', User, 'name'],
    ['a class', User, undefined],
    ['a symbol', User.prototype, Symbol('name')],
  ])('refuses %s', (_, target, property) => {
    expect(() => decorate({ to }, target, property)).toThrowError(
      expect.objectContaining({ code: 'EC_TYPEORM_DECORATOR' }),
    )
  })

  it.each([
    [undefined, 'has no options'],
    [{}, 'has neither `to` nor `from`'],
    [{ to, from: to }, 'has both `to` and `from`'],
    [{ to: {} }, 'without a `name`'],
    [{ to: { name: '', type: 'text' } }, 'without a `name`'],
    [{ to: [] }, 'has an empty list of columns'],
    [{ from: { name: 'name' } }, 'does not say the `type` of "name"'],
  ])('refuses %j', (options, why) => {
    expect(() => decorate(options, User.prototype, 'name')).toThrowError(
      expect.objectContaining({
        code: 'EC_TYPEORM_OPTION',
        message: expect.stringContaining(why),
      }),
    )
  })
})
