import { afterEach, describe, expect, it, vi } from 'vitest'
import { processWide } from './process-wide.ts'

const KEY = Symbol.for('expand-contract.example/1')

afterEach(() => Reflect.deleteProperty(globalThis, KEY))

describe('processWide', () => {
  it('makes a value once, for everybody who knows its name', () => {
    const value = processWide('example/1', () => new Map())
    expect(processWide('example/1', () => new Map())).toBe(value)
    expect(Reflect.get(globalThis, KEY)).toBe(value)
    Reflect.deleteProperty(globalThis, Symbol.for('expand-contract.example/2'))
    expect(processWide('example/2', () => new Map())).not.toBe(value)
    Reflect.deleteProperty(globalThis, Symbol.for('expand-contract.example/2'))
  })

  it('does not show up among the globals', () => {
    processWide('example/1', () => new Map())
    expect(Object.getOwnPropertyDescriptor(globalThis, KEY)?.enumerable).toBe(false)
  })

  it('is each copy own where nothing can be put on globalThis', () => {
    const define = vi.spyOn(Reflect, 'defineProperty').mockReturnValue(false)
    const value = processWide('example/1', () => new Map())
    expect(value).toBeInstanceOf(Map)
    expect(processWide('example/1', () => new Map())).not.toBe(value)
    define.mockRestore()
  })
})
