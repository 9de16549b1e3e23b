import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from './parser.ts'
import { fingerprintOf, textWithoutValues } from './statement-shape.ts'

describe('textWithoutValues', () => {
  it.each([
    ["update users set name = 'Ada' where id = 5", 'update users set name = $1 where id = $2'],
    [
      "select $2, 'x', $1 from users -- 'secret'\n where /* secret */ a = -1.5e3",
      'select $2, $3, $1 from users where a = -$4',
    ],
    [
      `insert into "Users" values (E'it\\'s', $$a 'b'$$, U&'\\0441', B'1', 0xff)`,
      'insert into "Users" values ($1, $2, $3, $4, $5)',
    ],
    ["select 'a'\n  'b' from users", 'select $1 from users'],
    ["select 'it''s' from users", 'select $1 from users'],
    ['do $x$ begin update users set name = 1; end $x$', 'do $1'],
    ["select name like '%\\_%' from users", 'select name like $1 from users'],
    ['execute find(7)', 'execute find($1)'],
  ])('%s', (text, expected) => {
    expect(textWithoutValues(text)).toBe(expected)
  })

  it('says nothing of a literal that may be longer, or of what is no SQL', () => {
    expect(textWithoutValues(String.raw`select 'it\', ' or secret' from users`)).toBeUndefined()
    expect(textWithoutValues("select 'open from users")).toBeUndefined()
  })

  it('is cut behind ten thousand characters', () => {
    const text = textWithoutValues(
      `insert into users values ${Array.from({ length: 10_000 }, () => "(1, 'x')").join()}`,
    )
    expect(text?.length).toBeLessThan(10_100)
    expect(text).toMatch(/^insert into users values \(\$1, \$2\),.* …$/u)
  })
})

describe('fingerprintOf', () => {
  beforeAll(() => loadParser())

  it('is the same for other values, lists and comments, and another for another column', () => {
    const one = fingerprintOf("select name from users where id in (1, 2) and name = 'x'")
    expect(one).toMatch(/^[\da-f]{16}$/u)
    expect(fingerprintOf('SELECT name FROM users /* x */ WHERE id in (1, 2, 3) and name = $1')).toBe(one)
    expect(fingerprintOf("select id from users where id in (1, 2) and name = 'x'")).not.toBe(one)
    expect(fingerprintOf("select name from users where id in (1) and name = 'a' -- a\n 'b'")).toBe(one)
  })

  it('is undefined for what does not parse', () => {
    expect(fingerprintOf('selec name from users')).toBeUndefined()
  })
})
