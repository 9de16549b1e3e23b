import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sqlTokens } from './sql-tokens.ts'

test('tokens are cut as PostgreSQL does', () => {
  const text = `a$b E'\\'' 'x\\' $t$ ' $t$ "Q""q" $1 1.5 :: /* c */ 'd' -- e\n'f' "g`
  expect(sqlTokens(text).map(({ kind, text: written }) => [kind, written])).toEqual([
    ['word', 'a$b'],
    ['literal', "E'\\''"],
    ['literal', "'x\\'"],
    ['literal', "$t$ ' $t$"],
    ['quoted', '"Q""q"'],
    ['parameter', '$1'],
    ['literal', '1.5'],
    ['symbol', '::'],
    ['comment', '/* c */'],
    ['literal', "'d'"],
    ['comment', '-- e'],
    ['literal', "'f'"],
    ['unclosed', '"'],
    ['word', 'g'],
  ])
})

test('names are those that PostgreSQL knows', () => {
  const text = `Users "Users" U&"d\\0061ta" u&"d!0061ta" /* a */ uescape '!' u&'x' uescape '!'`
  expect(sqlTokens(text).flatMap(({ kind, name }) => (kind === 'word' || kind === 'quoted' ? [name] : []))).toEqual([
    'users',
    'Users',
    'data',
    'data',
    'uescape',
  ])
})

test('every character but white space is kept', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (sql) => {
      const bare = sql.replaceAll(/[ \t\n\r\f\v]/gu, '')
      const text = sqlTokens(sql).map((token) => token.text)
      expect(text.join('').replaceAll(/[ \t\n\r\f\v]/gu, '')).toBe(bare)
    }),
  )
})
