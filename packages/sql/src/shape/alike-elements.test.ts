import { lex } from '@expand-contract/core'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { shapeOf, type TextShape } from './text-shape.ts'

/** With comments no two elements pass for alike, so that every token is found by itself. */
const commented = (elements: readonly string[]): string => elements.join(', /* - */ ')

function tokensOf({ text, tokens }: TextShape): readonly unknown[] {
  return Array.from({ length: tokens.length }, (_, index) => ({
    raw: text.slice(tokens.start(index), tokens.end(index)),
    kind: tokens.kind(index),
    sign: tokens.sign(index),
  }))
}

function expectSame(before: string, elements: readonly string[], behind: string): void {
  const text = `${before}${elements.join(', ')}${behind}`
  const shape = shapeOf(text)
  const apart = shapeOf(`${before}${commented(elements)}${behind}`)
  expect(shape?.key).toEqual(apart?.key)
  expect(shape?.runs).toEqual(apart?.runs)
  if (shape === undefined || apart === undefined) return
  expect(tokensOf(shape)).toEqual(tokensOf(apart))
  const places: number[][] = []
  lex(text, (_, start, end) => places.push([start, end]))
  places.push([text.length, text.length])
  const found = places.map((_, index) => [shape.tokens.start(index), shape.tokens.end(index)])
  expect(found).toEqual(places)
}

const repeat = (count: number, ...elements: readonly string[]): readonly string[] =>
  Array.from({ length: count }, () => elements).flat()

describe('elements that are alike', () => {
  test.each([
    ['rows', repeat(40, "(1, 'a', $1, 1.5)")],
    ['values of all lengths', repeat(20, "(1, '', $1)", "(123456789, 'it''s', $22)", "(12, 'ö😀', $333)")],
    ['numbers that become others', repeat(20, '(1)', '(2147483647)', '(2147483648)', '(0000000001)', '(1e5)', '(1_0)')],
    ['numbers of all kinds', repeat(20, '(1.5)', '(.5)', '(1.)', '(1.5e3)', '(9223372036854775807)', '(0x1f)')],
    ['negative numbers', [...repeat(20, '(-1)'), ...repeat(20, '(- 1)'), '(--1\n1)', '(-(-1))']],
    ['strings of other kinds', [...repeat(20, "('a')"), "(E'a')", "(U&'a')", "(b'1')", "('a'\n'b')", "('a' -- b\n)"]],
    ['casts and functions', [...repeat(20, "('a'::text, now(), null)"), "('a'::texts, now(), null)", "('a' :: text)"]],
    ['operators that go on', [...repeat(20, '(1, -1)'), '(1, --1\n2)', '(1,-1)', '(1, -@1)', '(1, - -1)']],
    ['white space', [...repeat(20, '(1, 2)'), '(1,2)', '(1 , 2)', '(1,\n\t2)', '( 1, 2)', '(1, 2 )']],
    ['sub-selects with positions', repeat(20, '(array(select a from b order by 1), 1)')],
    ['lists in lists', repeat(20, '(array[1, 2, 3, 4, 5, 6, 7], 1 in (1, 2, 3, 4, 5, 6, 7, 8))')],
    ['one that ends early', [...repeat(20, "(1, 'a')"), '(1']],
    ['a string that does not end', [...repeat(20, "(1, 'a')"), "(1, 'a"]],
  ])('are found as they are one by one: %s', (_, elements) => {
    expectSame('insert into t values ', elements, ' on conflict (a) do update set b = 1, c = 2, d = 3 returning 1, 2')
    expectSame('select a, 1, 2 from t where (a, b) in (', elements, ') and c in (1, 2, 3) order by 1, 2, 3')
  })

  test.each([
    ['in a list', 'select a in (', ', 7, 8) from t order by 1, 2'],
    ['in an array', 'select array[', '] || f(3, 4), f(5, 6), f(7, 8) from t'],
    ['in no list', 'select ', ' from t'],
    ['of positions', 'select a from t order by a in (', ')'],
  ])('are values %s', (_, before, behind) => {
    expectSame(before, repeat(30, '1'), behind)
    expectSame(before, repeat(30, "'a'", '-2'), behind)
    expectSame(before, [...repeat(30, '$1'), '$1234567890', 'null', ...repeat(30, '1')], behind)
  })

  it('are found in whatever is made of such elements', () => {
    const part = fc.constantFrom(
      ...[
        '1',
        '-1',
        '12345678901',
        '1.5',
        "'a'",
        "'it''s'",
        "E'\\''",
        '$1',
        'null',
        'Null',
        'true',
        "'a'::text",
        'f(1, 2)',
      ],
      ...[
        '1 ',
        ' -- \n1',
        '/**/ 1',
        "'a' 'b'",
        "''",
        "'('",
        "','",
        "'--'",
        'a.b',
        '"a b"',
        '$$a$$',
        'in (1, 2)',
        '(1)',
      ],
    )
    const element = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => `(${parts.join(', ')})`)
    const list = fc.array(fc.tuple(element, fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(list, (parts) => {
        const elements = parts.flatMap(([text, count]) => repeat(count, text))
        expectSame('insert into t values ', elements, ' returning a')
      }),
      { numRuns: 300 },
    )
  })
})
