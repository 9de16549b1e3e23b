import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExpandContractError } from './errors.ts'
import { checkIdentifier, MAX_IDENTIFIER_BYTES, parseTableName, quoteIdentifier, quoteTable } from './identifier.ts'

const codeOf = (fn: () => unknown): string | undefined => {
  try {
    fn()
  } catch (error) {
    return ExpandContractError.isInstance(error) ? error.code : `not one of ours: ${error}`
  }
  return undefined
}

describe('quoteIdentifier', () => {
  it('doubles the quotes inside', () => {
    expect(quoteIdentifier('name')).toBe('"name"')
    expect(quoteIdentifier('we"ird')).toBe('"we""ird"')
    expect(quoteIdentifier('"')).toBe('""""')
  })

  it('leaves no way out of the quotes, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const inside = quoteIdentifier(name).slice(1, -1)
        expect(inside.replaceAll('""', '')).not.toContain('"')
        expect(inside.replaceAll('""', '"')).toBe(name)
      }),
    )
  })

  it('qualifies a table where it has a schema', () => {
    expect(quoteTable({ schema: undefined, name: 'users' })).toBe('"users"')
    expect(quoteTable({ schema: 'my.schema', name: 'us"ers' })).toBe('"my.schema"."us""ers"')
  })
})

describe('checkIdentifier', () => {
  it.each([
    'users',
    'Users',
    'select',
    'my table',
    'a.b',
    'q"uoted',
    "it's",
    '1st',
    '$',
    'größe',
    '列',
    '🐘',
    'a'.repeat(MAX_IDENTIFIER_BYTES),
    'ß'.repeat(31),
    '🐘'.repeat(15),
  ])('takes %j as it stands', (name) => {
    expect(checkIdentifier(name, 'A column')).toBe(name)
  })

  it.each([
    ['a'.repeat(64), '64 bytes'],
    ['ß'.repeat(32), '64 bytes'],
    ['🐘'.repeat(16), '64 bytes'],
    ['', 'is empty'],
    ['a\0b', 'null character'],
    ['a\ud83d', 'surrogate'],
    [undefined, 'is undefined, not a string'],
    [null, 'is null, not a string'],
    [7, 'is number, not a string'],
  ])('refuses %j: %s', (name, why) => {
    expect(() => checkIdentifier(name, 'The column')).toThrowError(
      expect.objectContaining({ code: 'EC_IDENTIFIER', message: expect.stringContaining(why) }),
    )
  })
})

describe('parseTableName', () => {
  it.each([
    ['users', undefined, 'users'],
    ['Users', undefined, 'Users'],
    ['crm.users', 'crm', 'users'],
    ['"crm"."users"', 'crm', 'users'],
    ['"My Schema"."my.table"', 'My Schema', 'my.table'],
    ['crm."Us""ers"', 'crm', 'Us"ers'],
    ['my table', undefined, 'my table'],
    ['größe.列', 'größe', '列'],
    [`${'s'.repeat(63)}.${'t'.repeat(63)}`, 's'.repeat(63), 't'.repeat(63)],
  ])('reads %j', (text, schema, name) => {
    expect(parseTableName(text, 'The table')).toEqual({ schema, name })
  })

  it.each([
    '',
    '.',
    '.users',
    'users.',
    'a..b',
    'a.b.c',
    '""',
    '"".users',
    '"users',
    'users"',
    'us"ers',
    '"a"b',
    'a"b".c',
    ' users',
    'users ',
    'crm. users',
    undefined,
    null,
    7,
    ['users'],
  ])('refuses %j', (text) => {
    expect(codeOf(() => parseTableName(text, 'The table'))).toBe('EC_TABLE')
  })

  it('says which part is too long', () => {
    expect(() => parseTableName(`${'s'.repeat(64)}.users`, 'The table of a migration')).toThrowError(
      /EC_IDENTIFIER: The table of a migration: its schema "s{64}" is 64 bytes long/u,
    )
  })

  it('reads back whatever quoteTable writes', () => {
    const identifier = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((name) => codeOf(() => checkIdentifier(name, 'A name')) === undefined)
    fc.assert(
      fc.property(fc.option(identifier, { nil: undefined }), identifier, (schema, name) => {
        expect(parseTableName(quoteTable({ schema, name }), 'The table')).toEqual({ schema, name })
      }),
    )
  })

  it('answers any text with a name or EC_TABLE or EC_IDENTIFIER', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', '.', ' ', 'ß', '\0') })
    fc.assert(
      fc.property(text, (table) => {
        expect([undefined, 'EC_TABLE', 'EC_IDENTIFIER']).toContain(codeOf(() => parseTableName(table, 'The table')))
      }),
      { numRuns: 1000 },
    )
  })
})
