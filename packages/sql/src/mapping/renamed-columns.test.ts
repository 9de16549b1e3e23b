import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser } from '../parse/parser.ts'
import { renamedColumns } from './renamed-columns.ts'

beforeAll(() => loadParser())

const renamed = (text: string, from: string, to = 'new') => renamedColumns(text, new Map([[from, to]]))

describe('columns of an expression under other names', () => {
  test.each([
    ['lower(lower)', 'lower', 'lower("new")'],
    ['EXTRACT(year FROM year)', 'year', 'EXTRACT(year FROM "new")'],
    [`(name <> 'name'::text)`, 'name', `("new" <> 'name'::text)`],
    ['(x COLLATE "C")', 'C', '(x COLLATE "C")'],
    ['("C" COLLATE "C")', 'C', '("new" COLLATE "C")'],
    ['(varying)::character varying', 'varying', '("new")::character varying'],
    ['((addr).city || city)', 'city', '((addr).city || "new")'],
    ['(((a)::text || b) = ANY (ARRAY[a, b]))', 'a', '((("new")::text || b) = ANY (ARRAY["new", b]))'],
    [`("na""me" > 'ä'::text AND "na""me" < 'ß'::text)`, 'na"me', `("new" > 'ä'::text AND "new" < 'ß'::text)`],
    ['crm.name(name)', 'name', 'crm.name("new")'],
    ['b > 1', 'a', 'b > 1'],
  ])('%s', (text, from, expected) => expect(renamed(text, from)).toBe(expected))

  test('a name is quoted as it must be', () => expect(renamed('a > 1', 'a', 'x "y"')).toBe('"x ""y""" > 1'))
  test('what is no expression is none', () => expect(renamed('a >', 'a')).toBeUndefined())
})
