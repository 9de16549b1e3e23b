import { expect, test } from 'vitest'
import { StatementFacts } from '../text/statement-facts.ts'
import { SessionChanges } from './session-changes.ts'

const said = ({ path, catalog, committed, undone }: SessionChanges): string =>
  Object.entries({ path, catalog, committed, undone }).find(([, is]) => is)?.[0] ?? 'nothing'

test.each([
  ['SET', 'set search_path = a', 'path'],
  ['SET', "set schema 'a'", 'path'],
  ['SET', 'set local app.tenant = 1', 'nothing'],
  ['SELECT 1', "select set_config('search_path', 'a', true)", 'path'],
  ['SELECT 1', 'select 1', 'nothing'],
  ['SELECT 1', 'create temp table a as select 1', 'catalog'],
  ['SELECT 1', '/* ours */ create temp table a as select 1', 'catalog'],
  ['SELECT 1', 'begin; create temp table a as select 1; commit', 'catalog'],
  ['SELECT 1', 'select * into temp a from b', 'catalog'],
  ['SELECT 1', 'with c as (insert into a values (1) returning *) select * from c', 'nothing'],
  ['COMMIT PREPARED', "commit prepared 'a'", 'catalog'],
  ['RESET', 'reset all', 'path'],
  ['DISCARD ALL', 'discard all', 'path'],
  ['CREATE TABLE', 'create table a ()', 'catalog'],
  ['ALTER TABLE', 'alter table a add b int', 'catalog'],
  ['DROP VIEW', 'drop view a', 'catalog'],
  ['DO', 'do $$ begin end $$', 'catalog'],
  ['CALL', 'call a()', 'catalog'],
  ['COMMIT', 'commit and chain', 'committed'],
  ['ROLLBACK', 'rollback to a', 'undone'],
  ...['INSERT 0 1', 'UPDATE 1', 'DELETE 1', 'MERGE 1', 'BEGIN', 'SAVEPOINT', 'COPY 5', 'ANALYZE'].map((tag) => [
    tag,
    tag.toLowerCase(),
    'nothing',
  ]),
])('%s (%s) may change: %s', (tag = '', text = '', what = '') => {
  const changes = new SessionChanges()
  changes.completed(tag, new StatementFacts(text))
  expect(said(changes)).toBe(what)
  changes.seen()
  expect(said(changes)).toBe('nothing')
})
