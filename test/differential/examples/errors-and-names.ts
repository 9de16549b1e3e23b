import { reads, writes } from '../example.ts'
import { FROM_VARCHAR } from '../migration-kinds/from-varchar.ts'
import { TOO_LONG } from './too-long.ts'

export const errors = [
  ...reads(
    'errors',
    {},
    {
      'no such column': 'select {c}, nope from {t}',
      'no such column, qualified': 'select u.nope, u.{c} from {t} u',
      'a column almost like it': { sql: 'select u.{c}, u.emial from {t} u' },
      'no such table': 'select {c} from nowhere',
      'wrong qualifier': 'select x.{c} from {t} u',
      'original name when aliased': 'select {t}.{c} from {t} u',
      'syntax error': 'select {c} frm {t} where',
      'syntax error at the end': 'select {c} from {t} where {c} =',
      'unterminated string': "select {c} from {t} where {c} = 'abc",
      'unterminated comment': 'select {c} from {t} /* never closed',
      'aggregate in where': 'select {id} from {t} where count({c}) > 1',
      'window in where': 'select {id} from {t} where row_number() over (order by {c}) > 1',
      'scalar sub-select with two rows': 'select (select {c} from {t})',
      'sub-select with two columns': 'select (select {c}, {id} from {t})',
      'cast that fails': { sql: 'select ({c}::text || $$x$$)::int from {t} where {c} is not null order by {id}' },
      'no such function': 'select no_such_function({c}) from {t}',
      'no such operator': 'select {c} <=> {c} from {t}',
      'types that do not compare': 'select {id} from {t} where {c} = array[1]',
      'types that do not compare, parameter': { sql: 'select {id} from {t} where {c} = $1::jsonb', values: ['{}'] },
      'union of other types': 'select {c} from {t} union select tags from {t}',
      'union of other widths': 'select {c} from {t} union select {c}, {id} from {t}',
      ambiguous: 'select {c} from {t} a, {t} b',
      'duplicate alias': 'select u.{c} from {t} u, {t} u',
      'for update with group by': 'select {c} from {t} group by {c} for update',
      'distinct on without its order': 'select distinct on ({c}) {c} from {t} order by {id}',
      'limit negative': 'select {c} from {t} limit -1',
      'parameter missing': { sql: 'select {c} from {t} where {c} = $1 and {id} = $2', values: ['{raw:v1}'] },
      'bad value of a parameter': { sql: 'select {c} from {t} where {id} = $1', values: ['not a number'] },
      'correlated name out of scope': 'select {id} from {t} u where exists (select 1 from posts p) and p.id = 1',
      'lateral missing': 'select * from {t} u, (select u.{c}) x',
      'set returning function in case': 'select case when {c} is null then generate_series(1, 2) end from {t}',
      'group by position out of range': 'select {c} from {t} group by 3',
      'no such schema': 'select {c} from nowhere.users',
    },
  ),
  ...reads(
    'errors',
    { without: ['text', 'word'] },
    {
      'literal that does not fit': "select {id} from {t} where {c} = 'never a value'",
      'parameter that does not fit': { sql: 'select {id} from {t} where {c} = $1', values: ['never a value'] },
    },
  ),
  ...writes(
    'errors',
    {},
    {
      'not null of email': 'insert into {t} ({cols}) values ({all:n1})',
      'duplicate email': { sql: "insert into {t} (email, {cols}) values ('ada@x', {all:n1})", needs: ['plain-key'] },
      'no such column in insert': 'insert into {t} (email, nope) values (1, 2)',
      'no such column in update': 'update {t} set nope = 1 where {c} is null',
      'wrong target alias': 'update {t} u set u.{c} = {n1}',
      'in a transaction': { sql: ['update {t} set {set:n1} where {id} = 1', 'select nope', 'select {c} from {t}'] },
      'and back by a savepoint': { sql: ['savepoint s', 'select nope from {t}'], ordered: false },
      'foreign key': "insert into posts (author_id, title) values (999, 'x')",
      'foreign key from the table': 'delete from {t} where {id} = 1',
      'excluded without conflict': 'update {t} set {c} = excluded.{c}',
      'division in the set': 'update {t} set age = 1 / ({id} - {id}), {set:n1}',
    },
  ),
  ...writes(
    'errors',
    { needs: ['text', 'single', 'any-value'] },
    {
      'too long for varchar': {
        sql: "insert into {t} (email, {c}) values ('new@x', repeat('long', 20))",
        tolerates: TOO_LONG,
      },
      'too long by a parameter': {
        sql: 'update {t} set {c} = $1 where {id} = 1',
        values: ['x'.repeat(64)],
        tolerates: TOO_LONG,
      },
      'trailing spaces beyond the length': {
        sql: 'update {t} set {c} = $1 where {id} = 1 returning {c}',
        values: [`x${' '.repeat(60)}`],
        tolerates: [
          {
            ...{ value: `x${' '.repeat(60)}`, becomes: `x${' '.repeat(39)}`, app: 'new', kinds: FROM_VARCHAR },
            why: 'While the old column is written too, varchar(40) cuts spaces off in silence, as SQL demands.',
          },
        ],
      },
    },
  ),
  ...writes(
    'errors',
    { without: ['nullable', 'default', 'volatile-default', 'key'], needs: ['single'] },
    {
      'not null by a literal': { sql: "insert into {t} (email, {c}) values ('new@x', null)", without: ['unique'] },
      'not null by omission': { sql: "insert into {t} (email) values ('new@x')", without: ['unique'] },
      'not null in an update': { sql: 'update {t} set {c} = null where {id} = 1', without: ['unique'] },
      'insert select of too many': "insert into {t} (email, {cols}) select email || '2', {cols}, 1 from {t}",
      'insert select of too few': "insert into {t} (email, age, {cols}) select email || '2', {cols} from {t}",
      'insert select of too many, without a list': 'insert into {t} select u.*, 1, 2 from {t} u',
      'insert of too many': "insert into {t} (email, {cols}) values ('new@x', {all:n1}, 1)",
      'insert of too few': "insert into {t} (email, age, {cols}) values ('new@x', {all:n1})",
    },
  ),
  // Text takes anything by assignment.
  ...writes(
    'errors',
    { without: ['text', 'word'] },
    {
      'assignment of a wrong type': 'update {t} set {c} = array[1, 2] where {id} = 1',
      'assignment of a wrong type, parameter': { sql: 'update {t} set {c} = $1::int[] where {id} = 1', values: [[1]] },
      'insert of a wrong type': 'insert into {t} (email, {c}) values ($$x@x$$, array[1])',
      'insert select of a wrong type': 'insert into {t} (email, {c}) select $$x@x$$, array[1]',
    },
  ),
]

export const names = [
  ...reads(
    'names',
    {},
    {
      'a constant names itself':
        'select (select true where {c} is not null), (select false where {c} is not null)::text, case when {c} = {v1} then false else (select true) end, true from {t} order by {id}',
      'a constant in a star':
        'select * from {t} u join (select {id}, true, false from {t}) x using ({id}) order by {id}',
      'capitals fold': 'SELECT U.EMAIL, u.{c} FROM {t} U ORDER BY U.{id}',
      'quoted column': 'select "email", u."age", u.{c} from {t} as "u" order by u.{id}',
      'unicode identifiers': 'select U&"\\0065mail", {c} from {t} order by {id}',
      'key words as aliases': 'select {c} as "select", {id} as "from" from {t} as "order" order by "order".{id}',
      'alias equal to the column': 'select {c}.email from {t} as {c} order by {c}.{id}',
      'alias equal to the column, column of it': 'select {c}.{c} from {t} as {c} order by {c}.{id}',
      'alias equal to the shadow': 'select {s}.{c} from {t} as {s} order by {s}.{id}',
      'CTE named as the column': 'with {c} as (select {id}, {c} from {t}) select {c}.{c} from {c} order by {c}.{id}',
      'CTE column named as the shadow':
        'with w ({id}, {s}) as (select {id}, {c} from {t}) select {s} from w order by {id}',
      'sub-select column named as the shadow beside the table':
        'select u.{c}, x.{s} from {t} u join (select 1 as k, 5 as {s}) x on x.k = u.{id}',
      'table alias with columns': 'select x.a, x.b from {t} x (a, b) order by x.a',
      'emoji before positions': "select '😀😀', {c}, '☃' from {t} where {c} is not null /* 😀 */ order by {id}",
      'emoji in aliases': 'select {c} as "😀 ü", u.{id} as "n😀" from {t} u order by "n😀"',
      'long alias': `select {c} as ${'l'.repeat(70)} from {t} order by {id}`,
      'database-qualified': { sql: 'select u.{c} from {tq} u order by u.{id}' },
      'window named as the column':
        'select {id}, count(*) over {c} from {t} window {c} as (partition by {c}) order by {id}',
      'output names in an outer order': 'select * from (select {c} as email, {id} as k from {t}) x order by 2',
      'field named like the table': 'select users.id from posts users order by users.id',
    },
  ),
  ...reads(
    'names',
    { needs: ['public'] },
    {
      'set search_path off': {
        sql: ['begin', 'set local search_path = pg_catalog', 'select {c} from public.{t} order by {id}', 'rollback'],
        bare: true,
        tolerates: [
          {
            ...{ twin: 'succeeds', here: '42704', app: 'old', kinds: ['enum-to-text'] },
            why: 'The names in a mapping follow the search path of the session; this one leaves the schema of its type out.',
          },
        ],
      },
      'search_path without it': {
        sql: ['begin', 'set local search_path = pg_catalog', 'select {c} from {t}', 'rollback'],
        bare: true,
      },
      'temporary table of the same name': {
        sql: [
          'begin',
          'create temp table {t} on commit drop as select 5 as {c}, 1 as {id}',
          'select * from {t}',
          'update {t} set {c} = 6',
          'select {c} from {t}',
          'rollback',
        ],
        bare: true,
      },
    },
  ),
  ...reads(
    'names',
    { without: ['public', 'text'] },
    {
      'the table of the same name in public': 'select * from public.users order by id',
    },
  ),
  ...writes(
    'names',
    {},
    {
      'update, alias equal to the column': 'update {t} as {c} set {set:n1} where {c}.{id} = 1 returning {c}.{c}',
      'update, alias equal to the shadow': 'update {t} as {s} set {set:n1} where {s}.{id} = 1 returning {s}.{c}',
      'target in capitals': 'UPDATE {t} SET {set:n1} WHERE {id} = 1 RETURNING EMAIL, {c}',
      'spaces and newlines': '\n\n  update\n\t{t}\r\n set\n{set:n1}\nwhere\n {id}=1\n\n',
      'no spaces': 'update {t} set {set:n1} where({id})=(1)returning {c}',
    },
  ),
]
