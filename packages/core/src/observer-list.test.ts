import { expect, it } from 'vitest'
import type { WarningEvent } from './observer.ts'
import { ObserverList } from './observer-list.ts'

const WARNING: WarningEvent = { code: 'w', message: 'm' }

it('observers come and go, and what nobody listens to is absent', () => {
  const seen: string[] = []
  const list = new ObserverList(undefined)
  const { observer } = list
  expect([observer.onStatement, observer.onDecision, observer.onCatalog, observer.onWarning]).toEqual(
    Array.from({ length: 4 }),
  )
  const leave = list.add({ onWarning: ({ code }) => void seen.push(`one ${code}`) })
  observer.onWarning?.(WARNING)
  list.add({
    onWarning: ({ code }) => void seen.push(`two ${code}`),
    onCatalog: ({ migration }) => void seen.push(migration),
  })
  observer.onWarning?.(WARNING)
  leave()
  leave()
  observer.onWarning?.(WARNING)
  observer.onCatalog?.({ migration: 'users.full_name', physical: 'both' })
  expect(seen).toEqual(['one w', 'one w', 'two w', 'two w', 'users.full_name'])
  expect(observer.onStatement).toBeUndefined()
})

it('one that fails does not keep the others from hearing', () => {
  const seen: string[] = []
  const list = new ObserverList({
    onWarning: () => {
      throw new Error('failed')
    },
  })
  list.add({ onWarning: ({ code }) => void seen.push(code) })
  list.observer.onWarning?.(WARNING)
  expect(seen).toEqual(['w'])
})
