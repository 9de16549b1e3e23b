import { expect, test } from 'vitest'
import { mentionedColumns } from './mentioned-columns.ts'

const COLUMNS = ['id', 'name', 'full_name', 'Odd "one"']
const trigger = (source: string, more: { language?: string; arguments?: string } = {}) => ({
  language: 'plpgsql',
  arguments: '',
  source,
  ...more,
})

test.each([
  ['begin new.name := lower(new.name); return new; end', ['name']],
  ['begin NEW.Full_Name := 1; return new; end', ['full_name']],
  ['begin new."Odd "one"" := 1; return new; end', ['Odd "one"']],
  ['begin return new; end', []],
  ["begin if tg_op = 'x' then raise 'id'; end if; return new; end", ['id']],
  ['begin new := null; return new; end', COLUMNS],
  ['begin new = jsonb_populate_record(new, x); return new; end', COLUMNS],
  ["begin execute 'update x'; return new; end", COLUMNS],
  ['begin select * into new from x; return new; end', COLUMNS],
  ['begin if x then return null; end if; return coalesce(NEW, OLD); end', []],
  ['begin if x then return old ; end if; return\n new; end', []],
  ['begin return tidied(new); end', COLUMNS],
  ['declare r record; begin r := tidied(new); return r; end', COLUMNS],
  ['begin select 1 into new.id from x; return new; end', ['id']],
])('%s', (source, expected) => {
  expect(mentionedColumns(trigger(source), COLUMNS)).toEqual(expected)
})

test('a function that cannot be read may reach all', () => {
  expect(mentionedColumns(trigger('tsvector_update', { language: 'internal' }), COLUMNS)).toEqual(COLUMNS)
})

test('of a compiled function that is known, the arguments alone count', () => {
  const arguments_ = 'name\\000'
  for (const [source, language] of [
    ['moddatetime', 'c'],
    ['tsvector_update_trigger_byid', 'internal'],
  ] as const)
    expect(mentionedColumns(trigger(source, { language, arguments: arguments_ }), COLUMNS)).toEqual(['name'])
  expect(mentionedColumns(trigger('moddatetime', { arguments: '', language: 'plperl' }), COLUMNS)).toEqual(COLUMNS)
})

test('arguments of the trigger count', () => {
  const arguments_ = 'name\\000other\\000'
  expect(mentionedColumns(trigger('begin return new; end', { arguments: arguments_ }), COLUMNS)).toEqual(['name'])
})

test('an argument is a name as a whole', () => {
  const arguments_ = 'Odd "one"\\000o\'clock\\000'
  expect(mentionedColumns(trigger('begin return new; end', { arguments: arguments_ }), COLUMNS)).toEqual(['Odd "one"'])
})

test('a name that is another with its case is not meant', () => {
  expect(mentionedColumns(trigger('begin new."NAME" := 1; return new; end'), COLUMNS)).toEqual([])
})
