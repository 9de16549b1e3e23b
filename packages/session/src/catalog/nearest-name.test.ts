import { describe, expect, it } from 'vitest'
import { meantInstead, nearestName } from './nearest-name.ts'

describe('nearestName', () => {
  it.each([
    ['nmae', ['id', 'name', 'title'], 'name'],
    ['ful_name', ['id', 'full_name'], 'full_name'],
    ['quantty', ['quantity', 'quality'], 'quantity'],
    ['a', ['b'], undefined],
    ['name', ['name'], undefined],
    ['email', ['subject'], undefined],
  ])('%s', (name, others, expected) => {
    expect(nearestName(name, others)).toBe(expected)
  })
})

it('is a question, where there is one', () => {
  expect(meantInstead(['nmae'], ['name'])).toBe(' Did you mean "name"?')
  expect(meantInstead(['nmae'], [])).toBe('')
})
