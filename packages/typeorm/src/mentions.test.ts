import { describe, expect, it } from 'vitest'
import { mentionsAny } from './mentions.ts'

const columns = new Set(['full_name', 'fullName'])

describe('mentionsAny', () => {
  it.each([
    'full_name IS NOT NULL',
    '((lower(FULL_NAME)) <> 1)',
    '"full_name" = 1',
    '"fullName" = 1',
    "name = 'full_name'",
  ])('finds one in %s', (sql) => {
    expect(mentionsAny(sql, columns)).toBe(true)
  })

  it.each(['', 'name = 1', 'my_full_name', 'full_name2', 'fullname', '"FULL_NAME"', 'fullName', undefined])(
    'finds none in %s',
    (sql) => {
      expect(mentionsAny(sql, columns)).toBe(false)
    },
  )
})
