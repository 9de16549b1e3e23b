import { reads, writes } from '../example.ts'
import type { Tolerance } from '../tolerance.ts'

/** Statements that wrap others, and those that no rewriter can look into. */
const why = 'DDL is not rewritten; a view is defined over the columns that exist.'
const OVER_A_VIEW: readonly Tolerance[] = [
  { reason: 'read-through-view', app: 'old', why },
  { ...{ twin: 'succeeds', here: '42703' }, why },
  // Of two columns that are named `id`, and of which one is not there.
  { ...{ twin: '42701', here: '42703', kinds: ['int4-to-int8-key'] }, why },
]

export const others = [
  ...writes(
    'several statements in one text',
    {},
    {
      'two reads': 'select {c} from {t} order by {id}; select count(*) from {t} where {c} = {v1}',
      'write and read': 'update {t} set {set:n1} where {id} = 1; select {c} from {t} where {id} = 1',
      'trailing semicolons': 'select {c} from {t} order by {id};;  ; ',
      'one on another table': 'select 1; select {c} from {t} order by {id}; update posts set score = 1 where id = 1',
      'settings first': 'set local client_min_messages to warning; select {c} from {t} order by {id}',
      'three writes':
        "insert into {t} (email, {cols}) values ('new@x', {all:n1}); update {t} set age = 1 where {c} = {n1}; delete from {t} where {c} = {n1}",
      'second fails': 'update {t} set {set:n1} where {id} = 1; select nope from {t}',
      'a comment between':
        'select {c} from {t} order by {id}; -- and then\n/* ; */ select {id} from {t} where {c} is null',
      'semicolon in a string': "select ';' as s, {c} from {t} order by {id}; select $$;$$",
    },
  ),
  ...reads(
    'transactions in one text',
    { bare: true },
    {
      'begin and rollback':
        'begin; update {t} set {set:n1} where {id} = 1; select {c} from {t} where {id} = 1; rollback',
      'begin, separately': {
        sql: [
          'begin',
          'update {t} set {set:n1} where {id} = 1',
          'select {c} from {t} where {id} = 1',
          'rollback',
          'select {c} from {t} where {id} = 1',
        ],
      },
      'start transaction': {
        sql: [
          'start transaction isolation level serializable',
          'select * from {t} order by {id}',
          'insert into {t} (email, {cols}) values ($$n@x$$, {all:n1})',
          'rollback',
        ],
      },
      'rollback after an error': {
        sql: ['begin', 'select nope from {t}', 'select {c} from {t}', 'rollback', 'select {c} from {t} order by {id}'],
      },
      'savepoint, error, on': {
        sql: [
          'begin',
          'savepoint a',
          'update {t} set {c} = nope',
          'rollback to a',
          'update {t} set {set:n1} where {id} = 1 returning {c}',
          'rollback',
        ],
      },
      'read only transaction': {
        sql: [
          'begin read only',
          'select {c} from {t} order by {id}',
          'update {t} set {set:n1} where {id} = 1',
          'rollback',
        ],
      },
    },
  ),
  ...writes(
    'prepare',
    {},
    {
      select: {
        sql: [
          'prepare p1 as select {c}, {id} from {t} where {c} = $1 order by {id}',
          'execute p1({v1})',
          'execute p1({v2})',
          'deallocate p1',
        ],
      },
      'with types': {
        sql: [
          'prepare p2({type}) as update {t} set {c} = $1 where {id} = 1 returning {c}',
          'execute p2({n1})',
          'deallocate p2',
        ],
      },
      'with types of numbers': {
        sql: [
          'prepare p7(bigint, numeric) as select {id} from {t} where {c} = $1 or {c} = $2 order by {id}',
          'execute p7(3000000000, 7.4)',
          'execute p7(7, 12)',
          'deallocate p7',
        ],
        needs: ['number'],
      },
      insert: {
        sql: [
          'prepare p3(text, {type}) as insert into {t} (email, {c}) values ($1, $2)',
          "execute p3('new@x', {n1})",
          'deallocate p3',
        ],
        needs: ['single'],
      },
      star: {
        sql: ['prepare p4 as select * from {t} where {id} < $1 order by {id}', 'execute p4(3)', 'deallocate p4'],
      },
      'of another table': {
        sql: ['prepare p5 as select title from posts where id = $1', 'execute p5(1)', 'deallocate p5'],
      },
      'type error at execute': { sql: ['prepare p6 as select {c} from {t} where {id} = $1', "execute p6('x')"] },
    },
  ),
  ...writes(
    'cursors',
    {},
    {
      'declare and fetch': {
        sql: [
          'declare cur cursor for select {c}, {id} from {t} order by {id}',
          'fetch 2 from cur',
          'fetch all from cur',
          'close cur',
        ],
      },
      'star, scroll': {
        sql: [
          'declare cur scroll cursor for select * from {t} order by {id}',
          'fetch last from cur',
          'fetch prior from cur',
          'move first in cur',
          'close cur',
        ],
      },
      'with hold': {
        sql: [
          'declare cur cursor with hold for select {c} from {t} where {c} is not null order by {id}',
          'fetch 1 from cur',
          'close cur',
        ],
      },
      'for update': {
        sql: ['declare cur cursor for select {c} from {t} where {id} < 3 for update of {t}', 'fetch 1 from cur'],
        needs: ['public'],
      },
      'binary kept away': {
        sql: ['declare cur no scroll cursor without hold for select count({c}) from {t}', 'fetch cur'],
      },
    },
  ),
  ...writes(
    'explain',
    {},
    {
      'plain, shape': { sql: 'explain (costs off) select {id} from {t} where age = 3', shapeOnly: true },
      'of a read': { sql: 'explain (costs off, format json) select {c} from {t} where {c} = {v1}', shapeOnly: true },
      'analyze of a write': {
        sql: [
          'explain (analyze, costs off, timing off, summary off, format json) update {t} set {set:n1} where {id} = 1',
          'select {c} from {t} where {id} = 1',
        ],
        shapeOnly: true,
      },
      'with parameters': {
        sql: 'explain (costs off, format json) select * from {t} where {c} = $1',
        values: ['{raw:v1}'],
        shapeOnly: true,
      },
      'old syntax': { sql: 'explain verbose select count({c}) from {t}', shapeOnly: true },
    },
  ),
  ...writes(
    'create table as',
    {},
    {
      'as select': { sql: ['create table copied as select {id}, {c} from {t}', 'select * from copied order by {id}'] },
      'as star': {
        sql: [
          'create table copied as select * from {t}',
          'select * from copied order by {id}',
          "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'copied'::regclass and attnum > 0 order by attnum",
        ],
      },
      'temp, with names': {
        sql: [
          'create temp table copied (a, b) on commit drop as select {id}, {c} from {t}',
          'select b from copied order by a',
        ],
      },
      'with no data': {
        sql: [
          'create table copied as select {cols} from {t} with no data',
          "select attname, format_type(atttypid, atttypmod) from pg_attribute where attrelid = 'copied'::regclass and attnum > 0 order by attnum",
        ],
      },
      'select into': {
        sql: ['select {id}, {c} into copied from {t} where {c} is not null', 'select * from copied order by {id}'],
      },
      'select into temp': { sql: ['select * into temp copied from {t}', 'select {c} from copied order by {id}'] },
      'materialized view': {
        sql: ['create materialized view copied as select {id}, {c} from {t}', 'select * from copied order by {id}'],
        tolerates: OVER_A_VIEW,
      },
      'as execute': {
        sql: [
          'prepare p as select {id}, {c} from {t}',
          'create table copied as execute p',
          'select * from copied order by {id}',
          'deallocate p',
        ],
      },
      'insert from the copy': {
        sql: [
          'create temp table copied as select email, {cols} from {t} where {id} = 6',
          'delete from {t} where {id} = 6',
          'insert into {t} (email, {cols}) select * from copied returning {c}',
        ],
      },
    },
  ),
  ...reads(
    'catalog and settings',
    {},
    {
      show: 'show standard_conforming_strings',
      'select version': 'select current_database() is not null, 1 as one',
      'information schema of another table':
        "select column_name, data_type from information_schema.columns where table_name = 'posts' order by ordinal_position",
      'pg_catalog beside': "select c.relname, u.{c} from pg_class c join {t} u on u.{id} = 1 where c.relname = 'posts'",
      has_table_privilege: "select has_table_privilege('posts', 'select'), {c} from {t} order by {id}",
      'discard plans': 'discard plans',
      'empty text': '',
      'comment alone': '-- nothing',
    },
  ),
  ...writes(
    'ddl on other tables',
    {},
    {
      'view over it': {
        sql: ['create temp view seen as select {id}, {c} from {t}', 'select {c} from seen order by {id}'],
        tolerates: OVER_A_VIEW,
      },
      'table like another': { sql: ['create table another (like posts)', 'select * from another'] },
      'lock table': { sql: ['lock table {t} in share mode', 'select {c} from {t} order by {id}'] },
      'truncate another': { sql: ['truncate notes', 'select count(*) from notes'] },
      'set constraints': { sql: ['set constraints all deferred', 'select {c} from {t} order by {id}'] },
      notify: { sql: ["notify something, 'x'", 'select {c} from {t} order by {id}'] },
    },
  ),
]
