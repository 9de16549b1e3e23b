import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { guardedObserver } from './guarded-observer.ts'
import type { Observer, StatementEvent, WarningEvent } from './observer.ts'

const statement: StatementEvent = {
  outcome: 'unchanged',
  command: 'SELECT',
  tables: ['users'],
  fingerprint: undefined,
  text: undefined,
  reads: {},
  shape: {},
  reasons: [],
  scope: undefined,
  transaction: undefined,
}
const warning: WarningEvent = { code: 'x', message: 'x' }

describe('guardedObserver', () => {
  it('passes events on, with `this`', () => {
    class Recording implements Observer {
      readonly seen: unknown[] = []
      onStatement(event: StatementEvent): void {
        this.seen.push(event)
      }
    }
    const observer = new Recording()
    guardedObserver(observer).onStatement?.(statement)
    expect(observer.seen).toEqual([statement])
  })

  it('leaves absent methods absent, so that nobody builds events for them', () => {
    expect(Object.keys(guardedObserver(undefined))).toEqual([])
    expect(Object.keys(guardedObserver({ onWarning: () => undefined }))).toEqual(['onWarning'])
  })

  it('guards every method of the port', () => {
    const fail = (): never => {
      throw new Error('observer')
    }
    const observer = guardedObserver({
      ...{ onStatement: fail, onAnswer: fail, onDecision: fail, onCatalog: fail, onWarning: fail },
    })
    expect(() => {
      observer.onStatement?.(statement)
      observer.onAnswer?.({ kind: 'read', ms: 1, reads: {}, phases: {}, shape: {} })
      observer.onDecision?.({ migration: 'm', phase: 'switch', physical: 'both', read: 'old', context: {} })
      observer.onCatalog?.({ migration: 'm', physical: 'both' })
      observer.onWarning?.(warning)
    }).not.toThrow()
    expect(Object.keys(observer)).toHaveLength(5)
  })

  it('takes the rejection of an async method, which would end the process', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listener)
    try {
      guardedObserver({ onWarning: async () => Promise.reject(new Error('observer')) }).onWarning?.(warning)
      await wait(20)
    } finally {
      process.off('unhandledRejection', listener)
    }
    expect(unhandled).toEqual([])
  })
})
