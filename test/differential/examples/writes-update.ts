import { writes } from '../example.ts'
import { FROM_VARCHAR } from '../migration-kinds/from-varchar.ts'
import type { Tolerance } from '../tolerance.ts'
import { TOO_LONG } from './too-long.ts'

const UNTYPED = {
  ...{ twin: '42P08', here: 'succeeds' },
  why: 'A parameter of which PostgreSQL could not tell the type is cast for the other column, which tells it.',
} as const satisfies Tolerance

export const updates = [
  ...writes(
    'update of a list with parts',
    { without: ['several', 'key'] },
    {
      'of a query':
        "update {t} set (tags[1], {c}, tags[2]) = (select 'x', {n1}, 'y') where {id} = 1 returning {c}, tags",
      'part at the end': "update {t} set ({c}, tags[1]) = (select {n1}, 'x') where {id} = 1 returning {c}, tags",
      row: "update {t} set ({c}, tags[1]) = row({n1}, 'x') where {id} = 1 returning {c}, tags",
      'row, part first': "update {t} set (tags[1], {c}) = ('x', {n1}) where {id} = 1 returning {c}, tags",
      'row computed once': {
        sql: "update {t} set (tags[2], {c}) = ('x', (select max({c}::text)::{type} from {t})) where {id} = 1 returning {c}, tags",
      },
    },
  ),
  ...writes(
    'update',
    {},
    {
      'to a literal': 'update {t} set {set:n1} where {id} = 1',
      'to a parameter': { sql: 'update {t} set {c} = $1 where {id} = $2', values: ['{raw:n1}', 1] },
      'to a parameter, where on it': {
        sql: 'update {t} set {c} = $1 where {c} = $2',
        values: ['{raw:n1}', '{raw:v2}'],
        without: ['unique', 'key'],
      },
      'the same parameter on both sides': { sql: 'update {t} set {c} = $1 where {c} = $1', values: ['{raw:v2}'] },
      'one parameter for two columns': {
        sql: 'update {t} set {c} = $1, email = $1::text where {id} = 2',
        values: ['{raw:n1}'],
        needs: ['text'],
        tolerates: [
          { ...UNTYPED, app: 'old', kinds: FROM_VARCHAR },
          { ...UNTYPED, app: 'new', kinds: ['awkward-names'] },
        ],
      },
      'every row': { sql: 'update {t} set {set:n1}', without: ['unique', 'key'] },
      'with schema': 'update {tq} set {set:n1} where {tq}.{id} = 1',
      'with an alias': 'update {t} u set {set:n1} where u.{c} = {v3}',
      'with AS': 'update {t} as u set {set:n1} where u.{id} = 1 returning u.{c}',
      only: { sql: 'update only {t} set {set:n1} where {id} = 5', without: ['partitioned'] },
      'to null': { sql: 'update {t} set {c} = null where {id} = 1 returning {c}', needs: ['nullable', 'single'] },
      'to DEFAULT': {
        sql: 'update {t} set {c} = default where {id} = 1',
        needs: ['single'],
        without: ['volatile-default', 'key'],
      },
      'to DEFAULT, all of them': {
        sql: 'update {t} set {c} = default, {c2} = default where {id} = 1',
        needs: ['several', 'default'],
      },
      'to DEFAULT, the others as they are': {
        sql: 'update {t} set {c2} = default where {id} < 4 returning {cols}',
        needs: ['several', 'default'],
      },
      'to itself': 'update {t} set {c} = {c} where {id} < 4 returning {c}',
      'to itself, qualified': 'update {t} set {c} = {t}.{c}',
      'where on the column': 'update {t} set age = 1 where {c} = {v1} returning {id}',
      'of other columns alone': {
        sql: "update {t} set age = age + 1, tags = tags || 'x' where email like $1 returning email, age",
        values: ['%x'],
      },
      'with other columns': {
        sql: 'update {t} set age = $1, {c} = $2, active = not active where {id} = $3 returning *',
        values: [9, '{raw:n1}', 3],
      },
      'no rows': 'update {t} set {set:n1} where {id} = 999 returning {c}',
      'by a sub-select': {
        sql: 'update {t} set {c} = (select x.{c} from {t} x where x.{id} = 2) where {id} = 1',
        without: ['unique', 'key'],
      },
      'by a correlated sub-select': {
        sql: 'update {t} set {c} = coalesce((select x.{c} from {t} x where x.{id} = {t}.{id} + 1), {n1}) where {id} in (1, 3)',
        without: ['unique', 'key'],
      },
      'case on the key':
        'update {t} set {c} = case when ({id} = 1) then {n1} when ({id} = 2) then {n2} else {c} end where {id} in (1, 2, 3)',
      'case on itself': 'update {t} set {c} = case {c} when {v2} then {n2} else {c} end',
      'case with parameters': {
        sql: 'update {t} set {c} = case when {id} = $1 then $2 else {c} end where {id} in (1, 2)',
        values: [1, '{raw:n1}'],
      },
      coalesce: { sql: 'update {t} set {c} = coalesce({c}, {n1})', needs: ['any-value'] },
      'multi-assignment of a row': 'update {t} set ({c}, age) = ({n1}, 5) where {id} = 1',
      'multi-assignment of ROW()': 'update {t} set ({c}, age) = row({n1}, 5) where {id} = 1 returning {c}, age',
      'multi-assignment of a sub-select': {
        sql: 'update {t} set ({c}, age) = (select x.{c}, x.age + 1 from {t} x where x.{id} = 2) where {id} = 1',
        without: ['unique', 'key'],
      },
      'multi-assignment of a sub-select with constants':
        'update {t} set (age, {c}) = (select 3, {n1}::{type}) where {id} = 1',
      'multi-assignment of two migrations': {
        sql: 'update {t} set ({c}, age, {d}) = row({n1}, 5, {d:n1}) where {id} = 1 returning {c}, {d}',
        needs: ['two'],
      },
      'multi-assignment of two migrations by a sub-select': {
        sql: 'update {t} set ({d}, age, {c}) = (select x.{d}, 3, x.{c} from {t} x where x.{id} = 2) where {id} = 1 returning {c}, {d}',
        needs: ['two'],
      },
      'multi-assignment with a value to compute once': {
        sql: 'update {t} set (active, {c}, age) = row(default, (select max(x.{c}) from {t} x), $1) where {id} < 4 returning {c}, age, active',
        values: [7],
        needs: ['single'],
        without: ['boolean', 'uuid', 'key', 'unique'],
      },
      'multi-assignment of two migrations, one to compute once': {
        sql: 'update {t} set ({d}, {c}) = (coalesce((select max(x.{d}) from {t} x), {d:n1}), {n1}) where {id} < 4 returning {c}, {d}',
        needs: ['two'],
      },
      'multi-assignment of one': 'update {t} set ({c}) = row({n1}) where {id} = 1',
      'multi-assignment of one in brackets': 'update {t} set ({c}) = (row({n1})) where {id} = 1 returning {c}',
      'multi-assignment of a row in brackets':
        'update {t} set (age, {c}) = (((5, {n1}))) where {id} = 1 returning {c}, age',
      'multi-assignment of ROW() in brackets': 'update {t} set ({c}, age) = ((row ({n1}, (5)))) where {id} = 1',
      'multi-assignment of a value: an error': 'update {t} set ({c}, age) = coalesce(5, 6) where {id} = 1',
      'two multi-assignments':
        'update {t} set ({c}, age) = ({n1}, 5), (tags, active) = (array[$$q$$], false) where {id} = 1',
      'all columns by a sub-select': 'update {t} set ({cols}) = (select {all:n1}) where {id} = 1',
      'twice: an error': 'update {t} set {c} = {n1}, {c} = {n2} where {id} = 1',
      'swap of other columns with it': {
        sql: 'update {t} set email = {c}::text, {c} = {n1} where {id} = 1 returning email, {c}',
      },
      'other column from it': 'update {t} set email = coalesce({c}::text, {n1}::text) || {id}::text returning email',
      'other column from it while it changes':
        'update {t} set {c} = {n1}, email = {c}::text where {id} = 1 returning email, {c}',
      'from another table':
        'update {t} set {c} = {n1}, age = p.score from posts p where p.author_id = {t}.{id} and p.id = 4',
      'from another table, with an alias':
        'update {t} u set {c} = {n1} from posts p where p.author_id = u.{id} and p.title = $$fourth$$ returning u.{c}, p.title',
      'from itself': {
        sql: 'update {t} u set {c} = o.{c} from {t} o where o.{id} = u.{id} + 1 and u.{id} in (1, 2) returning u.{id}, u.{c}, o.{c}',
        without: ['unique', 'key'],
      },
      'from a sub-select': {
        sql: 'update {t} u set {c} = x.v from (select {id}, {n1}::{type} as v from {t} where {c} = {v3}) x where x.{id} = u.{id}',
      },
      'from values':
        'update {t} u set {c} = v.c from (values (1, {n1}::{type}), (2, {n2})) v(id, c) where v.id = u.{id} returning u.{c}',
      'from unnest': {
        sql: 'update {t} u set {c} = v.c from unnest($1::int[], $2::{type}[]) v(id, c) where v.id = u.{id}',
        values: [
          [1, 2],
          ['{raw:n1}', '{raw:n2}'],
        ],
      },
      'from, where on the column':
        'update {t} u set age = 0 from posts p where p.author_id = u.{id} and u.{c} = {v1} returning u.{id}',
      'from a join': {
        sql: 'update {t} u set {c} = {n1} from posts p left join {t} o on o.{id} = p.author_id where p.id = 5 and u.{id} = p.author_id and o.{c} is not null',
      },
      with: 'with x as (select {id} from {t} where {c} = {v3}) update {t} u set {set:n1} from x where x.{id} = u.{id} returning u.{c}',
      'with, naming a CTE as the table':
        'with x as (select {n1}::{type} as v) update {t} set {c} = (select v from x) where {id} = 1',
      'where exists':
        'update {t} u set {set:n1} where exists (select 1 from posts p where p.author_id = u.{id} and p.score = 8)',
      'where in': 'update {t} set {set:n1} where {id} in (select author_id from posts where score = 8)',
      'of another table from it':
        'update posts p set title = u.{c}::text from {t} u where u.{id} = p.author_id and u.{c} is not null returning p.id, p.title',
      'of another table, sub-select':
        'update posts set title = coalesce((select {c}::text from {t} where {id} = author_id), title)',
      'then select': {
        sql: [
          'update {t} set {set:n1} where {id} = 1',
          'select {c} from {t} where {id} = 1',
          'select {id} from {t} where {c} = {n1}',
        ],
      },
      'twice in a transaction': {
        sql: [
          'update {t} set {set:n1} where {id} = 1',
          'update {t} set {set:n2} where {id} = 1 and {c} = {n1}',
          'select * from {t} order by {id}',
        ],
      },
      'where current of': {
        sql: [
          'declare cur cursor for select {id}, {c} from {t} where {id} = 2 for update',
          'fetch 1 from cur',
          'update {t} set {set:n1} where current of cur returning {id}, {c}',
          'close cur',
        ],
      },
      'current of, of another column': {
        sql: [
          'declare cur cursor for select * from {t} where {c} is not null order by {id} for update',
          'fetch 2 from cur',
          'update {t} set age = 77 where current of cur returning {id}, {c}',
          'close cur',
        ],
      },
      named: { sql: 'update {t} set {c} = $1 where {id} = $2 returning {c}', values: ['{raw:n1}', 1], form: 'named' },
      'savepoint and back': {
        sql: [
          'savepoint s1',
          'update {t} set {set:n1} where {id} = 1',
          'rollback to savepoint s1',
          'select {c} from {t} where {id} = 1',
          'update {t} set {set:n2} where {id} = 1',
          'release s1',
        ],
      },
      'email taken: an error': { sql: "update {t} set email = 'bob@x', {set:n1} where {id} = 1", needs: ['plain-key'] },
    },
  ),
  ...writes(
    'update',
    { needs: ['text', 'single'] },
    {
      appended: "update {t} set {c} = {c} || '!' returning {id}, {c}",
      'appended parameter': { sql: 'update {t} set {c} = {c} || $1 where {id} = $2 returning {c}', values: ['!', 1] },
      upper: { sql: 'update {t} set {c} = upper({c}) where {id} in (1, 2, 3) returning {c}' },
      'of itself and another':
        "update {t} set {c} = {c} || email, email = {c} || '@' || email where {id} = 1 returning {c}, email",
      'concat of a joined column':
        "update {t} u set {c} = u.{c} || ' ' || p.title from posts p where p.author_id = u.{id} and p.id = 5 returning u.{c}",
      replace: { sql: "update {t} set {c} = replace({c}, 'a', $1)", values: ['aa'] },
      'overflow of varchar(40)': {
        sql: "update {t} set {c} = repeat('x', 41) where {id} = 1",
        needs: ['any-value'],
        tolerates: TOO_LONG,
      },
    },
  ),
  ...writes(
    'update',
    { needs: ['number', 'single'], without: ['key'] },
    {
      incremented: 'update {t} set {c} = {c} + 1 returning {id}, {c}',
      'incremented by a parameter': {
        sql: 'update {t} set {c} = {c} + $1 where {id} = $2 returning {c}',
        values: [2, 1],
      },
      'incremented, qualified': {
        sql: 'update {t} set {c} = ({t}.{c} + $1) where ({t}.{id} = $2 and 1=1) returning {t}.{c}',
        values: [2, 1],
      },
      'decremented twice': {
        sql: [
          'update {t} set {c} = {c} - 1 where {id} = 1',
          'update {t} set {c} = {c} - 1 where {id} = 1 returning {c}',
        ],
      },
      'doubled, kept elsewhere': 'update {t} set {c} = {c} * 2, age = {c}::int where {id} < 3 returning {c}, age',
      'fraction assigned': 'update {t} set {c} = 7.6 where {id} = 1 returning {c}',
      half: 'update {t} set {c} = {c} / 2 where {id} = 4 returning {c}',
      'sum of another table':
        'update {t} u set {c} = coalesce((select sum(p.score) from posts p where p.author_id = u.{id}), 0) returning {c}',
      'out of range: an error': 'update {t} set {c} = 99999999999999999999 where {id} = 1',
      'division by zero: an error': 'update {t} set {c} = 1 / ({id} - {id}) where {id} = 1',
    },
  ),
  ...writes(
    'update',
    { needs: ['key'] },
    {
      'of the key': 'update {t} set {id} = 300 where {id} = 2 returning {id}',
      'of the key, cascading': {
        sql: ['delete from notes', 'update {t} set {id} = {id} + 100', 'select id, author_id from posts order by id'],
      },
      'of the key, taken: an error': 'update {t} set {id} = 1 where {id} = 2',
    },
  ),
  ...writes(
    'partial updates',
    { without: ['single'] },
    {
      'first column alone': 'update {t} set {c} = {n1} where {id} = 1 returning {cols}',
      'second column alone': {
        sql: 'update {t} set {c2} = (select x.{c2} from {t} x where x.{id} = 3) where {id} = 1 returning {cols}',
      },
      'second column, where on the first':
        'update {t} set {c2} = (select max(x.{c2}) from {t} x) where {c} = {v1} returning {cols}',
      'both, in two assignments':
        'update {t} set {c2} = (select max(x.{c2}) from {t} x), {c} = {n1} where {id} = 1 returning {cols}',
      'columns in brackets': 'update {t} set ({c}, {c2}) = ({c}, {c2}) returning {cols}',
      'all columns in brackets': 'update {t} set ({cols}) = ({all:n1}) where {id} = 1 returning {cols}',
      'first from a row': 'update {t} set ({c}, age) = row({n1}, 1) where {id} = 1 returning {cols}',
      'by parameter': {
        sql: 'update {t} set {c} = $1 where {c2} = (select {c2} from {t} where {id} = 2) returning {cols}',
        values: ['{raw:n1}'],
      },
      'first in conflict': {
        sql: "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set {c} = excluded.{c} returning {cols}",
      },
    },
  ),
]
