import { beforeAll, expect, test } from 'vitest'
import { loadParser } from '../parse/parser.ts'
import { expressionShape } from './expression-shape.ts'

const TEXTS = new Set(['text', 'varchar'])

beforeAll(loadParser)

test.each([
  [
    "((a)::text = ANY ((ARRAY['q'::character varying, 'r'::character varying])::text[]))",
    "((a)::text = ANY (ARRAY[('q'::character varying)::text, ('r'::character varying)::text]))",
  ],
  ["((a)::text <> ''::text)", "a <> ''"],
  ['((a + b) * c)', '(a + b)*c'],
])('%s means the same as %s', (one, other) => {
  expect(expressionShape(one, TEXTS)).toBe(expressionShape(other, TEXTS))
})

test.each([
  ['(a + b) * c', 'a + (b * c)'],
  ['(a)::character varying(9)', 'a'],
  ['(a)::bigint', 'a'],
  ['lower(a)', 'upper(a)'],
  ['a', '"A"'],
])('%s is another than %s', (one, other) => {
  expect(expressionShape(one, TEXTS)).not.toBe(expressionShape(other, TEXTS))
})

test('casts go between the types that are told to be alike', () => {
  const shape = (text: string) => expressionShape(text, new Set(['int4', 'int8']))
  expect(shape('(a % (7)::bigint)')).toBe(shape('(a % 7)'))
})

test('what is no expression has no shape', () => {
  expect(expressionShape('from', TEXTS)).toBeUndefined()
})
