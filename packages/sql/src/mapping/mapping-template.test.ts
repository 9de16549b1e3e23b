import { ExpandContractError } from '@expand-contract/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadParser } from '../parse/parser.ts'
import { compileTemplate, renderTemplate, usesOf } from './mapping-template.ts'

beforeAll(loadParser)

const use = { migration: 'users.split', target: 'first_name', sources: ['name', 'größe'] }
const compile = (sql: string) => compileTemplate({ kind: 'sql', sql }, use)

describe('compileTemplate', () => {
  it.each([
    ['name', '(<name>)'],
    ["split_part(name, ' ', 1)", "(split_part(<name>, ' ', 1))"],
    ['name || name', '(<name> || <name>)'],
    ['NAME', '(<name>)'],
    ['"name"::text', '(<name>::text)'],
    ['U&"n\\0061me"', '(<name>)'],
    ['\'ü😀\' || größe || "name"', "('ü😀' || <größe> || <name>)"],
    ['CASE WHEN name IS NULL THEN NULL ELSE name END', '(CASE WHEN <name> IS NULL THEN NULL ELSE <name> END)'],
    ['ARRAY[name, größe]', '(ARRAY[<name>, <größe>])'],
    ['(name)[1]', '((<name>)[1])'],
    ["name AT TIME ZONE 'UTC'", "(<name> AT TIME ZONE 'UTC')"],
    ["'name' || $$name$$", "('name' || $$name$$)"],
    ['name /* not name */ -- nor name', '(<name>)'],
    ['42', '(42)'],
  ])('%s', (sql, rendered) => {
    expect(renderTemplate(compile(sql), (column) => `<${column}>`)).toBe(rendered)
  })

  it('counts how often a column is used', () => {
    const template = compile('name || größe || name')
    expect(['name', 'größe', 'other'].map((column) => usesOf(template, column))).toEqual([2, 1, 0])
  })

  it.each([
    ['', 'is not one SQL expression'],
    ['-- nothing', 'is not one SQL expression'],
    ['name,', 'is not one SQL expression'],
    ['name, 1', 'is not one SQL expression'],
    ['name AS x', 'is not one SQL expression'],
    ['name FROM users', 'is not one SQL expression'],
    ['name WHERE true', 'is not one SQL expression'],
    ['name ORDER BY 1', 'is not one SQL expression'],
    ['name LIMIT 1', 'is not one SQL expression'],
    ['name UNION SELECT 1', 'is not one SQL expression'],
    ['name; DROP TABLE users', 'is not one SQL expression'],
    ['name;', 'is not one SQL expression'],
    ['DISTINCT name', 'is not one SQL expression'],
    ['ALL name', 'is not one SQL expression'],
    ['(name', 'is not one SQL expression'],
    ['name)', 'is not one SQL expression'],
    ['DEFAULT', 'is DEFAULT'],
    ['(SELECT 1)', 'contains a sub-select'],
    ['EXISTS (SELECT name)', 'contains a sub-select'],
    ['JSON_ARRAY(SELECT 1)', 'contains a sub-select'],
    ['name || $1', 'contains a parameter'],
    ['count(*)', 'contains an aggregate or a window function'],
    ['rank() OVER (ORDER BY name)', 'contains an aggregate or a window function'],
    ['string_agg(DISTINCT name, name)', 'contains an aggregate or a window function'],
    ['max(name) FILTER (WHERE true)', 'contains an aggregate or a window function'],
    ['mode() WITHIN GROUP (ORDER BY name)', 'contains an aggregate or a window function'],
    ['json_arrayagg(name)', 'contains an aggregate or a window function'],
    ["json_objectagg('a': name)", 'contains an aggregate or a window function'],
    ['grouping(name)', 'contains an aggregate or a window function'],
  ])('refuses %j', (sql, why) => {
    expect(() => compile(sql)).toThrowError(
      expect.objectContaining({
        code: 'EC_EXPRESSION',
        migration: 'users.split',
        message: expect.stringContaining(`The mapping of "first_name" in the migration users.split ${why}.`),
      }),
    )
  })

  it.each([
    ['email', 'names "email", which it may not use'],
    ['first_name', 'names "first_name", which it may not use'],
    ['"Name"', 'names "Name", which it may not use'],
    ['users.name', 'names a column with its table, or a whole row'],
    ['users.*', 'names a column with its table, or a whole row'],
    ['*', 'names a column with its table, or a whole row'],
  ])('refuses the reference %j', (sql, why) => {
    expect(() => compile(sql)).toThrowError(
      expect.objectContaining({
        code: 'EC_MAPPING_COLUMN',
        hint: 'Write one immutable SQL expression over "name", "größe".',
        message: expect.stringContaining(why),
      }),
    )
    expect(() => compile(sql)).toThrow(ExpandContractError)
  })
})
