import { reads } from '../example.ts'

export const queries = [
  ...reads(
    'sub-selects',
    {},
    {
      scalar: 'select p.id, (select u.{c} from {t} u where u.{id} = p.author_id) from posts p order by p.id',
      'scalar with an alias':
        'select p.id, (select u.{c} from {t} u where u.{id} = p.author_id) as author from posts p order by p.id',
      'scalar, correlated by the column':
        'select u.{id}, (select count(*) from {t} v where v.{c} = u.{c}) as n from {t} u order by u.{id}',
      'scalar, outer column alone': 'select u.{id}, (select u.{c}) from {t} u order by u.{id}',
      'scalar, outer column unqualified': 'select {id}, (select {c}) from {t} order by {id}',
      in: 'select title from posts where author_id in (select {id} from {t} where {c} = {v1}) order by id',
      'in, selecting the column':
        'select {id} from {t} where {c} in (select {c} from {t} where age = 36) order by {id}',
      'in, with a parameter': {
        sql: 'select {id} from {t} where {c} in (select {c} from {t} where {c} = $1) order by {id}',
        values: ['{raw:v1}'],
      },
      'not in':
        'select {id} from {t} where {id} not in (select author_id from posts where author_id is not null) and {c} is not null order by {id}',
      'row in': 'select {id} from {t} where ({c}, age) in (select {c}, age from {t} where {id} < 3) order by {id}',
      exists:
        'select p.id from posts p where exists (select 1 from {t} u where u.{id} = p.author_id and u.{c} = {v1}) order by p.id',
      'exists, correlated unqualified':
        'select {id} from {t} where exists (select 1 from posts where author_id = {t}.{id} and {c} is not null) order by {id}',
      'not exists':
        'select u.{c} from {t} u where not exists (select from posts p where p.author_id = u.{id}) order by u.{id}',
      any: 'select {id} from {t} where {c} = any (select {c} from {t} where active) order by {id}',
      all: 'select {id} from {t} where {c} >= all (select {c} from {t} where {c} is not null) order by {id}',
      'array()': 'select array(select {c} from {t} order by {id})',
      'in FROM': 'select x.{c} from (select {id}, {c} from {t} where {c} is not null) x order by x.{id}',
      'in FROM, renamed inside': 'select x.k from (select {id}, {c} as k from {t}) x order by x.{id}',
      'in FROM, renamed outside': 'select x.b from (select {id}, {c} from {t}) as x (a, b) order by x.a',
      'in FROM, expression':
        'select x.missing, count(*) from (select {c} is null as missing from {t}) x group by x.missing order by 1',
      'in FROM, joined':
        'select x.{c}, p.title from (select * from {t} where active) x join posts p on p.author_id = x.{id} order by p.id',
      'in FROM, where outside': 'select {id} from (select {id}, {c} from {t}) x where {c} = {v1} order by {id}',
      'in FROM, limit inside':
        'select x.{id}, x.{c} from (select {id}, {c} from {t} order by {c}, {id} limit 3) x order by x.{c}, x.{id}',
      'in the select list of its own group':
        'select u.{c}, (select count(*) from {t} v where v.{c} = u.{c}) from {t} u group by u.{c} order by 1',
      'in the select list of its own group, by position':
        'select u.{c} as k, (select u.{c}) from {t} u group by 1 order by 1',
      'in having of its own group':
        'select {c} from {t} u group by {c} having exists (select 1 from {t} v where v.{c} = u.{c} and v.active) order by {c}',
      'in order by of its own group':
        'select u.{c} as k, count(*) from {t} u join posts p on p.author_id = u.{id} group by k order by (select u.{c} is null), 1',
      'in the select list of a group by the key': {
        sql: 'select u.{id}, u.{c}, (select u.{c}) from {t} u group by u.{id}, u.{c} order by u.{id}',
        needs: ['plain-key'],
      },
      'in the select list of a group':
        'select age, (select count(*) from posts p where p.score = u.age) from {t} u where u.{c} is not null group by age order by age',
      'three deep':
        'select {id} from {t} a where exists (select 1 from {t} b where b.{c} = a.{c} and exists (select 1 from posts p where p.author_id = b.{id} and a.{c} is not null)) order by {id}',
      'shadow name as output of a sub-select': 'select x.{s} from (select {id}, {c} as {s} from {t}) x order by x.{id}',
      'another column under its name': 'select x.{c} from (select {id}, email as {c} from {t}) x order by x.{id}',
      'row of the sub-select': 'select x from (select {id}, {c} from {t}) x order by x.{id}',
      'row of a table that goes by the shadow name':
        'select {s}, to_jsonb({s}) as j, pg_typeof({s}) as t, {s} is null as n from {t} u left join posts {s} on {s}.author_id = u.{id} order by u.{id}, {s}.id',
      'rows that go by the shadow name, counted':
        'select u.{id}, count({s}), jsonb_agg({s} order by {s}.id) from {t} u left join posts {s} on {s}.author_id = u.{id} group by u.{id} order by u.{id}',
      'field of a row that goes by the shadow name':
        'select ({s}).id, (({s})).author_id from {t} u join posts {s} on {s}.author_id = u.{id} order by ({s}).id',
      'all fields of a row that goes by the shadow name':
        'select ({s}).* from {t} u join posts {s} on {s}.author_id = u.{id} order by {s}.id',
      'rows by the shadow name, ordered, grouped and distinct': {
        sql: [
          'select {s}.id from {t} u join posts {s} on {s}.author_id = u.{id} order by {s}, {s}.id',
          'select {s}, count(*) from {t} u join posts {s} on {s}.author_id = u.{id} group by {s} order by {s}',
          'select distinct {s} from {t} u join posts {s} on {s}.author_id = u.{id} order by 1',
          'select count(*) from {t} u join posts {s} on {s}.author_id = u.{id} where {s} = {s} and {s} is not null',
        ],
      },
      'row of the table itself by the shadow name':
        'select {s}.{id}, to_jsonb({s}), ({s}).email, ({s}).{c} from {t} {s} order by {s}.{id}',
      'row of a sub-select by the shadow name':
        'select {s}, row({s}, 1) from {t} u join (select {id} as n, email from {t}) {s} on {s}.n = u.{id} order by {s}.n',
      'row of an outer query by the shadow name':
        'select (select to_jsonb({s}) from {t} u where u.{id} = {s}.author_id) from posts {s} order by {s}.id',
      'limit by a sub-select':
        'select {c}, {id} from {t} order by {id} limit (select count(*) from {t} where {c} = {v1})',
    },
  ),
  ...reads(
    'sub-selects',
    { needs: ['peers'] },
    {
      'capture by the inner table':
        'select {id}, (select min({c}::text) from {peer} where author_id = 1) from {t} order by {id}',
      'shadow name in an inner table': 'select {id}, (select count({s}) from {other}) as n, {c} from {t} order by {id}',
      'outer name where the inner table has the shadow':
        'select {id} from {t} where exists (select 1 from {other} where author_id = {t}.{id} and {c} is not null) order by {id}',
      'outer name qualified, inner has both':
        'select u.{id} from {t} u where exists (select 1 from {other} n where u.{c} is not null and n.{s} is not null) order by u.{id}',
    },
  ),
  ...reads(
    'cte',
    {},
    {
      plain: 'with w as (select {id}, {c} from {t}) select {c} from w order by {id}',
      'two, one over the other':
        'with a as (select * from {t}), b as (select {id}, {c} from a where {c} is not null) select b.* from b order by b.{id}',
      'with column names': 'with w (a, b) as (select {id}, {c} from {t}) select b from w order by a',
      materialized: 'with w as materialized (select {c}, {id} from {t}) select {c} from w order by {id}',
      'not materialized':
        'with w as not materialized (select {c}, {id} from {t}) select {c} from w where {c} = {v1} order by {id}',
      'named as the table': { sql: 'with {t} as (select 1 as {id}, 2 as {c}) select {c} from {t}', needs: ['public'] },
      'named as the table, from the table': {
        sql: 'with {t} as (select * from {tq}) select {c} from {t} order by {id}',
        needs: ['public'],
      },
      'in a sub-select': 'select x.{c} from (with w as (select {c}, {id} from {t}) select * from w) x order by x.{id}',
      'shadowed by an inner one':
        'with w as (select {c} from {t}) select (with w as (select 5 as five) select five from w) from w',
      recursive:
        'with recursive r as (select {id}, {c}, 1 as depth from {t} where {id} = 1 union all select u.{id}, u.{c}, r.depth + 1 from {t} u join r on u.{id} = r.{id} + 1) select * from r order by depth',
      'recursive, union':
        'with recursive r ({id}, {c}) as (select {id}, {c} from {t} where {c} = {v1} union select u.{id}, u.{c} from {t} u, r where u.age::text = r.{id}::text) select {c} from r order by {id}',
      'recursive without the table inside':
        'with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) select n.i, u.{c} from n join {t} u on u.{id} = n.i order by n.i',
      'recursive, naming a later one that is named as the table': {
        sql: 'with recursive a as (select * from {t}), {t} as (select 1 as {id}, 2 as {c}) select * from a',
        needs: ['public'],
      },
      'recursive, naming a later one':
        'with recursive a as (select {c} from b where {c} is not null), b as (select {id}, {c} from {t}) select {c} from a order by 1',
      'recursive with search': {
        sql: 'with recursive r as (select {id}, {c} from {t} where {id} = 1 union all select u.{id}, u.{c} from {t} u join r on u.{id} = r.{id} + 1) search depth first by {id} set ordered select {id}, {c} from r order by {id}',
        since: 14,
      },
      'recursive with search and cycle': {
        sql: 'with recursive r as (select {id}, {c} from {t} where {id} = 1 union all select u.{id}, u.{c} from {t} u join r on u.{id} = r.{id} + 1) search breadth first by {c}, {id} set ord cycle {c} set is_cycle using path select {id}, {c}, is_cycle, path::text from r order by ord',
        since: 14,
      },
      'used twice':
        'with w as (select {id}, {c} from {t}) select a.{c}, b.{c} from w a join w b on a.{id} = b.{id} order by a.{id}',
      'with a parameter': {
        sql: 'with w as (select * from {t} where {c} = $1) select count(*), $1::{type} from w',
        values: ['{raw:v1}'],
      },
      'star through two': 'with a as (select * from {t}), b as (select * from a) select * from b order by {id}',
      'set operation inside':
        'with w as (select {c}, {id} from {t} union all select {c}, {id} from {t}) select {c}, count(*) from w group by {c} order by 1',
      'before VALUES': 'with w as (select {c} from {t} where {id} = 1) values ((select {c} from w))',
      'whose row is used': 'with w as (select {id}, {c} from {t}) select row_to_json(w) from w order by {id}',
      'defined after use in another scope': {
        sql: 'select (select count(*) from {t}), x.n from (with {t} as (select 1 as n) select n from {t}) x',
        needs: ['public'],
      },
    },
  ),
  ...reads(
    'set operations',
    {},
    {
      union: 'select {c} from {t} union select {c} from {t} order by 1',
      'union all': 'select {c} from {t} union all select {c} from {t} where age = 36 order by {c}',
      'with literals': 'select {c} from {t} union select {n1} order by 1',
      'literal first': 'select {n1} as x union all select {c}::text from {t} order by 1',
      'with another column': 'select {c}::text from {t} union select title from posts order by 1',
      'ordered by name': 'select {c}, {id} from {t} union select {c}, {id} from {t} order by {c}, {id}',
      'ordered by alias': 'select {c} as k from {t} union all select {n1} order by k',
      intersect: 'select {c} from {t} intersect select {c} from {t} where active order by 1',
      except: 'select {c} from {t} except all select {c} from {t} where age = 36 order by 1',
      nested:
        '(select {c} from {t} where {id} < 3 union select {c} from {t} where {id} = 5) except select {c} from {t} where {id} = 2 order by 1',
      stars: 'select * from {t} where {id} < 3 union all select * from {t} where {id} = 3 order by {id}',
      'in a sub-select':
        'select x.{c}, count(*) from (select {c} from {t} union all select {c} from {t}) x group by x.{c} order by 1',
      'limits in the arms':
        '(select {c} from {t} order by {id} limit 2) union all (select {c} from {t} order by {id} desc limit 2) order by 1',
      'null in the other arm': 'select {id}, {c} from {t} union all select 99, null order by 1',
      'second arm names the columns':
        'select {id} as a, {c} as b from {t} union select {id}, {c} from {t} order by b, a',
      'parameter in the other arm': { sql: 'select {c} from {t} union select $1 order by 1', values: ['{raw:n1}'] },
      'with for arms': 'select {c} from {t} where {c} = {v1} union all select {c} from {t} where {c} = {v2} order by 1',
    },
  ),
  ...reads(
    'values',
    {},
    {
      alone: 'values (1, 2), (3, 4)',
      joined: "select v.n, u.{c} from (values (1, 'a'), (2, 'b')) v(n, l) join {t} u on u.{id} = v.n order by v.n",
      'with the column in a sub-select': 'values ((select {c} from {t} where {id} = 1), 1)',
      in: 'select {id} from {t} where {c} in (values ({v1}::{type}), ({v3}::{type})) order by {id}',
      'ordered by a sub-select': 'values (1), (2) order by (select count(*) from {t} where {c} = {v1}), 1',
      'all columns of a row': 'select v.* from {t} u, lateral (values (u.*)) v order by 1',
      lateral: 'select v.x from {t} u, lateral (values (u.{c})) v(x) order by u.{id}',
    },
  ),
]
