import { expect, test } from 'vitest'
import { writesTable } from './writes-table.ts'

const trigger = (source: string) => ({ language: 'plpgsql', source })

test.each([
  ['begin update users set name = 1; return null; end', true],
  ['begin INSERT INTO\n crm."users" (name) values (1); return null; end', true],
  ['begin update only crm.users set name = 1; return null; end', true],
  ["begin insert into audit values ('users', new.name); return null; end", false],
  ['begin update users_log set name = new.name; return null; end', false],
  ['begin select name from users into x; return null; end', false],
  ["begin execute 'update users set name = ' || new.name; return null; end", true],
  ['begin insert into crm.U&"us\\0065rs" (name) values (1); return null; end', true],
  ['begin update "Users" set name = 1; return null; end', false],
])('writes the table: %s', (source, expected) => {
  expect(writesTable(trigger(source), 'users')).toBe(expected)
})

test('a table with an odd name is written', () => {
  expect(writesTable(trigger('begin update "Größe (1) ""T^" set x = 1; end'), 'Größe (1) "T^')).toBe(true)
})
