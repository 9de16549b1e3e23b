import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expressionProblem } from './expression.ts'

describe('expressionProblem', () => {
  it.each([
    'name',
    '"Name"',
    'users.name',
    'amount::numeric / 100',
    '(amount_numeric * 100)::int',
    "split_part(name, ' ', 1)",
    "substr(name, strpos(name, ' ') + 1)",
    "concat_ws(' ', first_name, last_name)",
    "case when kind = 'a' then 1 when kind is null then null else 2 end",
    "regexp_replace(phone, '\\D', '', 'g')",
    "'a\\' || name",
    "E'it\\'s' || name",
    "e'\\\\' || name",
    "E'a\\''\n  'b\\'' || name",
    "U&'\\0441' || name",
    "B'101'::bit(3)",
    "'semi;colon -- /* $1' || name",
    '$$ it\'s; -- $1 "$$ || name',
    '$tag$ $$ ; $tag$ || name',
    '$größe$;$größe$ || name',
    '"semi;colon"',
    '"with ""quotes"" and ;"',
    "doc -> 'a' ->> 'b'",
    "doc #>> '{a,b}'",
    "doc ? 'key'",
    'tags[1]',
    'tags[1:2]',
    'array[a, b]',
    'name collate "C" || \'\'',
    'name is not distinct from other',
    'name is distinct from other',
    'extract(epoch from placed_at)',
    "placed_at at time zone 'UTC'",
    'cast(placed_at as timestamp with time zone)',
    'placed_at::timestamp(3) with time zone',
    'substring(name from 1 for 3)',
    "trim(both ' ' from name)",
    'overlay(name placing name from 2)',
    "position('a' in name)",
    '(a, b) = (c, d)',
    'coalesce(a, b)',
    'greatest(a, b)',
    "json_value(doc, '$.a' returning int)",
    'now',
    'random',
    'x.user',
    'crm.now(name)',
    'a$b',
    'values',
    'over',
    'update',
    'größe || 列',
    'a -1',
    '.5 * a',
    '1e-5 * a',
    '0x1F + a',
  ])('takes %s', (sql) => {
    expect(expressionProblem(sql)).toBeUndefined()
  })

  it.each([
    ['', 'is empty'],
    [' \n\t', 'is empty'],
    ['name; drop table users', 'contains a semicolon'],
    ['a, b', 'comma outside of brackets'],
    ['name -- the name', 'contains a comment'],
    ['name --', 'contains a comment'],
    ['/* the */ name', 'contains a comment'],
    ['/* the name', 'contains a comment'],
    ["'a' -- b\n 'c' || name", 'contains a comment'],
    ['name || $1', 'the parameter $1'],
    ['$1$ || name || $1$', 'the parameter $1'],
    ['lower(name', '( that is not closed'],
    ['tags[1', '[ that is not closed'],
    ['lower(name))', ') without its opening bracket'],
    ['(a]', '] without its opening bracket'],
    ['tags[(1])', '] without its opening bracket'],
    ["name || 'abc", "' that is not closed"],
    ["name || E'abc\\'", "E' that is not closed"],
    ['"name', '" that is not closed'],
    ['$$name', '$$ that is not closed'],
    ['$a$name$b$', '$a$ that is not closed'],
    ['(select 1)', 'contains SELECT'],
    ['exists (select from users)', 'contains SELECT'],
    ['select name', 'contains SELECT'],
    ['(table users)', 'contains TABLE'],
    ['(values (1))', 'contains VALUES'],
    ['row_number() over ()', 'contains OVER'],
    ['update users set name = 1', 'contains UPDATE'],
    ['delete from users', 'contains DELETE'],
    ['with x as (y) z', 'contains WITH'],
    ['count(*)', 'contains COUNT'],
    ['name as full_name', 'contains AS outside of brackets'],
    ['name from users', 'contains FROM outside of brackets'],
    ['name order by id', 'contains ORDER outside of brackets'],
    ['name limit 1', 'contains LIMIT outside of brackets'],
    ['a\0b', 'contains a null character'],
  ])('refuses %j: %s', (sql, why) => {
    expect(expressionProblem(sql)).toEqual({ code: 'EC_EXPRESSION', why: expect.stringContaining(why) })
  })

  it.each([[undefined], [null], [1], [{}], [['name']]])('refuses %j, which is not text', (sql) => {
    expect(expressionProblem(sql)).toMatchObject({
      code: 'EC_EXPRESSION',
      why: expect.stringMatching(/not SQL text$/u),
    })
  })

  it.each([
    'random()',
    'RANDOM ()',
    'name || gen_random_uuid()::text',
    'now()',
    'current_timestamp',
    'Current_Date',
    "current_setting('app.user')",
    "nextval('users_id_seq')",
    'current_user || name',
    "'\\' || random() || '\\'",
    '$a$ $b$ $a$ || random() || $a$ $a$',
  ])('refuses %s as volatile', (sql) => {
    expect(expressionProblem(sql)?.code).toBe('EC_VOLATILE_MAPPING')
  })

  it('never sees a function inside of a string or a quoted name', () => {
    for (const sql of ["'random()'", '"random()"', "E'\\'random()'", '$$random()$$', "'it''s random()'"])
      expect(expressionProblem(sql)).toBeUndefined()
  })

  it('answers any text', () => {
    const piece = fc.constantFrom(
      ...["'", '"', '$', '$$', '$a$', '\\', 'E', '(', ')', '[', ']', ',', ';', '--', '/*', '*/', '\n', '\0', ' '],
      ...['name', 'select', 'random', 'ß', '🐘', '\ud800', '1', '.', ':', '::', 'as', 'with'],
    )
    const anyCodeUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code))
    const text = fc.oneof(
      fc.string({ unit: anyCodeUnit }),
      fc.array(piece).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(text, (sql) => {
        const columns = { sources: ['name'], targets: ['ß'] }
        const problem = expressionProblem(sql, columns)
        if (problem !== undefined) expect(problem.why.length).toBeGreaterThan(0)
      }),
      { numRuns: 1000 },
    )
  })

  it('takes time in proportion to the length of the text', () => {
    // Of the processor: others may have it for a while.
    const started = process.cpuUsage()
    for (const sql of [`'${"''".repeat(25_000)}`, 'name || '.repeat(6_000), '$a'.repeat(25_000)]) expressionProblem(sql)
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(3000)
  })
})

describe('the columns of a mapping', () => {
  const columns = { sources: ['name', 'Kind', 'to"tal'], targets: ['full_name', 'day'] }

  it.each(['name', 'NAME', '"name"', '"Kind" || name', '"to""tal"', 'other_column', 'extract(day from name)'])(
    'takes %s',
    (sql) => {
      expect(expressionProblem(sql, columns)).toBeUndefined()
    },
  )

  it.each([
    'cast(name as day)',
    'name::day',
    'day(name)',
    "day '2020-01-01'",
    'x.day',
    "interval '1' day",
    'make_interval(day => name)',
    'f(day := name)',
    "json_value(name, '$' returning day)",
  ])('says nothing of %s, where the name may be something else', (sql) => {
    expect(expressionProblem(sql, columns)).toBeUndefined()
  })

  it.each([
    ['full_name', 'names full_name, which is a column of the side that it computes'],
    ['lower(FULL_NAME)', 'names FULL_NAME, which'],
    ['name || "full_name"', 'names "full_name", which'],
    ['Kind', 'names Kind, which PostgreSQL reads as "kind"; put "Kind" in double quotes'],
    ['upper(kind)', 'put "Kind" in double quotes'],
  ])('refuses %s', (sql, why) => {
    expect(expressionProblem(sql, columns)).toEqual({ code: 'EC_MAPPING_COLUMN', why: expect.stringContaining(why) })
  })
})
