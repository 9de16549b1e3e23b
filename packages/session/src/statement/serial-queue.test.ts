import { expect, test } from 'vitest'
import { SerialQueue } from './serial-queue.ts'

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

test('work is done in its order, and never two pieces at a time', async () => {
  const queue = new SerialQueue()
  const done: string[] = []
  const piece = (name: string) => async (): Promise<string> => {
    done.push(`${name} begins`)
    await later()
    done.push(`${name} ends`)
    return name
  }
  expect(await Promise.all([queue.take(piece('a')), queue.take(piece('b'))])).toEqual(['a', 'b'])
  expect(done).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
})

test('a failure is told to whoever handed the work over, and to nobody behind it', async () => {
  const queue = new SerialQueue()
  const failed = queue.take(() => Promise.reject(new Error('of the first')))
  const next = queue.take(async () => 'second')
  await expect(failed).rejects.toThrow('of the first')
  expect(await next).toBe('second')
  expect(queue.isIdle).toBe(true)
})

test('it is idle when what was taken meanwhile is done, too', async () => {
  const queue = new SerialQueue()
  const done: string[] = []
  let inner: Promise<void> | undefined
  const outer = queue.take(async () => {
    await later()
    inner = queue.take(async () => {
      await later()
      done.push('inner')
    })
    done.push('outer')
  })
  expect(queue.isIdle).toBe(false)
  await queue.idle()
  expect(done).toEqual(['outer', 'inner'])
  expect(queue.isIdle).toBe(true)
  await Promise.all([outer, inner])
})

test('an idle queue answers at once', async () => {
  await new SerialQueue().idle()
})
