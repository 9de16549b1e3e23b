import { expect, test } from 'vitest'
import { SessionChanges } from './session-changes.ts'

test.each([
  ['SET', 'set search_path = a', 'path'],
  ['SET', "set schema 'a'", 'path'],
  ['SET', 'set local app.tenant = 1', 'nothing'],
  ['SELECT 1', "select set_config('search_path', 'a', true)", 'path'],
  ['SELECT 1', 'select 1', 'nothing'],
  ['SELECT 1', 'create temp table a as select 1', 'catalog'],
  ['RESET', 'reset all', 'path'],
  ['DISCARD ALL', 'discard all', 'path'],
  ['CREATE TABLE', 'create table a ()', 'catalog'],
  ['ALTER TABLE', 'alter table a add b int', 'catalog'],
  ['DROP VIEW', 'drop view a', 'catalog'],
  ['DO', 'do $$ begin end $$', 'catalog'],
  ['CALL', 'call a()', 'catalog'],
  ...[
    'INSERT 0 1',
    'UPDATE 1',
    'DELETE 1',
    'MERGE 1',
    'BEGIN',
    'COMMIT',
    'ROLLBACK',
    'SAVEPOINT',
    'COPY 5',
    'ANALYZE',
  ].map((tag) => [tag, tag.toLowerCase(), 'nothing']),
])('%s (%s) may change: %s', (tag = '', text = '', what = '') => {
  const changes = new SessionChanges()
  changes.completed(tag, text)
  expect([changes.path && 'path', changes.catalog && 'catalog'].find(Boolean) ?? 'nothing').toBe(what)
  changes.seen()
  expect(changes.path || changes.catalog).toBe(false)
})
