import { describe, expect, test } from 'vitest'
import { mentions, namesIn } from './names-in.ts'

describe('a text mentions a name', () => {
  test.each([
    ['name', 'select NAME from users'],
    ['Name', 'select "Name" from users'],
    ['na"me', 'select "na""me" from users'],
    ['na"me', "raise 'no na\"me'"],
    ['name', 'select U&"n\\0061me" from users'],
    ['name', `select U&"n!0061me" uescape '!' from users`],
    ['Name', "execute 'update ' || quote_ident('Name')"],
    ['Name', `execute 'update "Name" set a = 1'`],
    ['Name', `execute 'update "' || 'Name' || '"'`],
    ['name', `execute 'do ''begin update name set a = 1; end'''`],
    ['name', 'execute $a$ do $b$ begin update name set a = 1; end $b$ $a$'],
    ['name', 'select 1 -- name'],
    ['Größe (1)', 'update "Größe (1)" set a = 1'],
    ['Größe (1)', "raise 'Größe (1)'"],
    ['größe', 'select GRÖSSE, GRÖßE from users'],
    ['a'.repeat(63), `select ${'a'.repeat(70)} from users`],
    ['name', "'not closed; select name"],
    ['name', '{ \\ name }'],
  ])('%s: %s', (name, text) => {
    expect(mentions(text, [name])).toBe(true)
  })

  test.each([
    ['name', 'select "NAME", full_name, name2, näme from users'],
    ['Name', 'select Name from users'],
    ['name', `select U&"n!0062me" uescape '!' from users`],
    ['a"b', 'select "a" from users'],
    ['name', ''],
  ])('and not %s: %s', (name, text) => {
    expect(mentions(text, [name])).toBe(false)
  })

  const columns = new Set(['full_name', 'fullName'])

  test.each([
    'full_name IS NOT NULL',
    '((lower(FULL_NAME)) <> 1)',
    '"full_name" = 1',
    '"fullName" = 1',
    "name = 'full_name'",
  ])('one of two: %s', (text) => {
    expect(mentions(text, columns)).toBe(true)
  })

  test.each(['', 'name = 1', 'my_full_name', 'full_name2', 'fullname', '"FULL_NAME"', 'fullName'])(
    'none of two: %s',
    (text) => {
      expect(mentions(text, columns)).toBe(false)
    },
  )

  test('of several, one is enough', () => {
    expect(mentions('select b', ['a', 'b'])).toBe(true)
    expect(mentions('select b', new Set())).toBe(false)
  })
})

test('text within text without end is looked through', () => {
  let text = 'name'
  for (let level = 0; level < 2_000; level++) text = `$a${level}$ ${text} $a${level}$`
  expect(namesIn(text).has('name')).toBe(true)
})
