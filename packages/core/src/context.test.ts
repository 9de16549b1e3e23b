import { describe, expect, it } from 'vitest'
import { currentScope, noContext, runInScope } from './context.ts'

describe('runInScope', () => {
  it('gives the scope to everything that runs in it, also after an await', async () => {
    expect(currentScope()).toBeUndefined()
    await runInScope({ userId: '42' }, async () => {
      const scope = currentScope()
      expect(scope?.context).toEqual({ userId: '42' })
      await new Promise((resolve) => setTimeout(resolve, 1))
      expect(currentScope()).toBe(scope)
    })
    expect(currentScope()).toBeUndefined()
  })

  it('hands back what the function returns, and lets what it throws through', () => {
    expect(runInScope({}, () => 7)).toBe(7)
    expect(() =>
      runInScope({}, () => {
        throw new RangeError('no')
      }),
    ).toThrow(RangeError)
    expect(currentScope()).toBeUndefined()
  })

  it('keeps the pins in a nested call with the same context object', () => {
    const context = { userId: '42' }
    runInScope(context, () => {
      const outer = currentScope()
      outer?.pins.set('users.full_name', 'new')
      runInScope(context, () => {
        expect(currentScope()).toBe(outer)
        expect(currentScope()?.pins.get('users.full_name')).toBe('new')
      })
      runInScope(outer?.context ?? {}, () => expect(currentScope()).toBe(outer))
    })
  })

  it('is a request of its own with another context, and the outer one goes on after it', () => {
    runInScope({ userId: '42' }, () => {
      const outer = currentScope()
      outer?.pins.set('users.full_name', 'new')
      runInScope({ userId: '42' }, () => {
        expect(currentScope()).not.toBe(outer)
        expect(currentScope()?.pins.size).toBe(0)
        currentScope()?.pins.set('users.full_name', 'old')
      })
      expect(currentScope()).toBe(outer)
      expect(outer?.pins.get('users.full_name')).toBe('new')
    })
  })

  it('keeps requests apart that run at the same time', async () => {
    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        runInScope({ userId: String(index) }, async () => {
          await new Promise((resolve) => setTimeout(resolve, index % 3))
          return currentScope()?.context.userId
        }),
      ),
    )
    expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => String(index)))
  })

  it('is not touched by what the caller does to the context afterwards', () => {
    const context = { userId: '42' }
    runInScope(context, () => {
      context.userId = '43'
      expect(currentScope()?.context.userId).toBe('42')
      expect(Object.isFrozen(currentScope()?.context)).toBe(true)
    })
  })
})

it('noContext is one empty, frozen context', () => {
  expect(noContext()).toEqual({})
  expect(noContext()).toBe(noContext())
  expect(Object.isFrozen(noContext())).toBe(true)
})
