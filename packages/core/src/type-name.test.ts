import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTypeName } from './type-name.ts'

describe('isTypeName', () => {
  it.each([
    'text',
    'TEXT',
    ' text ',
    'int4',
    'int4range',
    '_int4',
    '"char"',
    'citext',
    'varchar',
    'varchar(10)',
    'character varying(10)',
    'character varying',
    'CHARACTER VARYING (10)',
    'national character varying(10)',
    'national char(3)',
    'nchar varying(10)',
    'char(3)',
    'bit(8)',
    'bit varying(8)',
    'bit varying',
    'double precision',
    'double  precision[]',
    'float(24)',
    'numeric',
    'numeric(12)',
    'numeric(12,2)',
    'numeric(12, 2)[]',
    'numeric(3,-2)',
    'decimal(10, 0)',
    'time',
    'time(3)',
    'time with time zone',
    'time(3) with time zone',
    'timestamp',
    'timestamp(3)',
    'timestamp with time zone',
    'timestamp(3) without time zone',
    'timestamp (3) with time zone',
    'timestamptz(6)',
    'interval',
    'interval(3)',
    'interval year to month',
    'interval day to second(3)',
    'interval second (3)',
    'text[]',
    'text[][]',
    'int[3][4]',
    'int array',
    'int ARRAY[4]',
    'crm."Kind"[]',
    'crm.kind',
    '"My Schema"."My ""Type"""',
    'pg_catalog.int8',
    'geometry(Point,4326)',
    'vector(1536)',
    'größe',
  ])('takes %j', (type) => {
    expect(isTypeName(type)).toBe(true)
  })

  it.each([
    '',
    ' ',
    '""',
    'a.b.c',
    'text not null',
    'text default 1',
    "text default 'x'",
    'text collate "C"',
    'text primary key',
    'text; drop table users',
    'text) from users --',
    'text -- comment',
    'text /* comment */',
    'text)::int',
    'text::int',
    'text, b int',
    "varchar('10')",
    'varchar($1)',
    'varchar(10',
    'varchar 10)',
    'varchar((10))',
    'varchar(10)(20)',
    'varchar(select 1)',
    'varchar()',
    'numeric(12;2)',
    'numeric(1e3)',
    'int[a]',
    'int[',
    '"unclosed',
    '"a"b"',
    '"nul\0"',
    'setof int4',
    'users.name%type',
    'timestamp with time',
    'text with time zone',
    'text precision',
    'interval day to',
    "interval '1 day'",
    "E'text'",
    '$$text$$',
    '1',
    undefined,
    null,
    12,
    ['text'],
  ])('refuses %j', (type) => {
    expect(isTypeName(type)).toBe(false)
  })

  it('lets nothing through outside of double quotes that SQL could read as more than a name', () => {
    const piece = fc.constantFrom(
      ...['text', 'numeric', ' ', '(', ')', '[', ']', ',', '1', '"', '""', '.', "'", ';', '-', '/*', '$', '::', 'time'],
      ...['with', 'zone', 'not', 'null', '\n', '\\', '=', '|'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const type = pieces.join('')
        if (!isTypeName(type)) return
        const bare = type.replaceAll(/"(?:[^"]|"")+"/gu, 'quoted')
        expect(bare).toMatch(/^[\p{L}\p{N}_$.\s,()[\]-]+$/u)
        expect(bare).not.toContain('--')
        expect(bare.split('(').length).toBeLessThanOrEqual(2)
      }),
      { numRuns: 3000 },
    )
  })

  it('answers long text at once', () => {
    // Of the processor: others may have it for a while.
    const started = process.cpuUsage()
    for (const type of [`${'a '.repeat(20_000)}!`, `int${'[]'.repeat(20_000)}!`, `varchar(${'1,'.repeat(20_000)}`])
      expect(isTypeName(type)).toBe(false)
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(3000)
  })
})
