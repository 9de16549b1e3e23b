import { reads, writes } from '../example.ts'

export const joins = [
  ...reads(
    'join on',
    {},
    {
      inner: 'select u.{c}, p.title from {t} u join posts p on p.author_id = u.{id} order by p.id',
      left: 'select u.{c}, p.title from {t} u left join posts p on p.author_id = u.{id} and u.{c} = {v1} order by u.{id}, p.id',
      right: 'select u.{c}, p.title from {t} u right join posts p on p.author_id = u.{id} order by p.id',
      full: 'select u.{c}, p.title from {t} u full join posts p on p.author_id = u.{id} and p.score > 3 order by p.id, u.{id}',
      cross: 'select u.{c}, n.id from {t} u cross join notes n order by u.{id}, n.id',
      comma: 'select u.{c}, n.id from {t} u, notes n where n.author_id = u.{id} order by n.id',
      'on the migrating column': 'select a.{id}, b.{id} from {t} a join {t} b on a.{c} = b.{c} order by 1, 2',
      'on it and a parameter': {
        sql: 'select a.{id}, b.{id} from {t} a join {t} b on a.{c} = b.{c} and a.{c} = $1 order by 1, 2',
        values: ['{raw:v1}'],
      },
      'bracketed joins':
        'select u.{c}, p.id, n.id from {t} u left join (posts p join notes n on n.author_id = p.author_id) on p.author_id = u.{id} order by u.{id}, p.id, n.id',
      'alias of a join': {
        sql: 'select j.title, j.email from ({t} u join posts p on p.author_id = u.{id}) as j where j.email is not null order by j.title, j.email',
      },
      'unqualified beside another table':
        'select email, title from {t} join posts on posts.author_id = {t}.{id} order by posts.id',
      'not in the select list':
        'select p.title from posts p join {t} u on u.{id} = p.author_id where u.{c} = {v1} order by p.id',
      'three tables':
        'select u.{c}, p.title, n.title from {t} u join posts p on p.author_id = u.{id} join notes n on n.author_id = u.{id} order by p.id, n.id',
      'same alias in two scopes':
        'select u.{c}, (select count(*) from posts u where u.score > 3) from {t} u order by u.{id}',
      'quoted alias': 'select "The User".{c} from {t} "The User" order by "The User".{id}',
      'alias of the table is another table': 'select posts.{c} from {t} posts order by posts.{id}',
      'other table aliased as this one': 'select users.title from posts users order by users.id',
    },
  ),
  ...reads(
    'join on',
    { needs: ['peers'] },
    {
      'like-named column of the other table':
        'select u.{c}, p.{c} from {t} u join {peer} p on p.author_id = u.{id} order by p.id',
      'on the like-named columns': 'select u.{id}, p.id from {t} u join {peer} p on u.{c} = p.{c} order by 1, 2',
      'column named as the shadow elsewhere':
        'select u.{c}, n.{s} from {t} u join {other} n on n.author_id = u.{id} order by n.id',
      'shadow name of the other table, unqualified':
        'select email, {s} from {t} u join {other} n on n.author_id = u.{id} order by n.id',
      'ambiguous column': 'select {c} from {t} u join {peer} p on p.author_id = u.{id}',
      'outer join, like-named':
        'select u.{c}, p.{c} from {peer} p left join {t} u on p.author_id = u.{id} where u.{c} is distinct from p.{c} order by p.id',
    },
  ),
  ...reads(
    'self-join',
    {},
    {
      'on the column':
        'select a.{c}, b.email from {t} a, {t} b where a.{c} = b.{c} and a.{id} < b.{id} order by a.{id}, b.{id}',
      'left, on another column':
        'select a.{c} as left_one, b.{c} as right_one from {t} a left join {t} b on b.age = a.age and b.{id} <> a.{id} order by a.{id}, b.{id}',
      'the same name twice': 'select {t}.{c}, x.{c} from {t} join {t} x using ({id}) order by {id}',
    },
  ),
  ...reads(
    'using and natural',
    {},
    {
      'using the key': 'select * from {t} a join {t} b using ({id}) order by {id}',
      'using the key, column': 'select a.{c}, b.{c}, {id} from {t} a join {t} b using ({id}) order by {id}',
      'using another column': 'select a.{c}, email from {t} a left join {t} b using (email) order by email',
      'star beside a common table that has a name twice':
        'with w as (select author_id as {id}, count(*) as n, max(title) as n from posts group by author_id) select * from {t} u join w using ({id}) left join {t} b on b.email = u.email order by {id}',
      'star beside a function whose columns are not known':
        'select *, 1 as one from {t} u join generate_series(1, 2) as {id} using ({id}) order by {id}',
      'natural self-join': 'select count(*) from {t} a natural join {t} b',
    },
  ),
  ...reads(
    'using and natural',
    { needs: ['peers'] },
    {
      'using the column': 'select {c}, u.email, p.title from {t} u join {peer} p using ({cols}) order by p.id, u.{id}',
      'using the column, star': 'select * from {t} u join {peer} p using ({cols}) order by p.id, u.{id}',
      'using the column, qualified':
        'select u.{c}, p.{c}, {c} from {t} u join {peer} p using ({cols}) order by p.id, u.{id}',
      'using the column, left':
        'select {c}, u.email from {t} u left join {peer} p using ({cols}) order by u.{id}, p.id',
      'using the column, right':
        'select {c}, p.title, u.{c} from {t} u right join {peer} p using ({cols}) order by p.id, u.{id}',
      'using the column, full':
        'select {c}, p.title from {t} u full join {peer} p using ({cols}) order by p.id, u.{id}',
      'using the column, other table first':
        'select {c}, p.*, u.email from {peer} p join {t} u using ({cols}) order by p.id, u.{id}',
      'using the column, where': {
        sql: 'select p.id from {t} u join {peer} p using ({cols}) where {c} = $1 order by p.id, u.{id}',
        values: ['{raw:v1}'],
      },
      'using the column, grouped':
        'select {c}, count(*) from {t} u join {peer} p using ({cols}) group by {c} order by {c}',
      'using with an alias for the columns': {
        sql: 'select j.{c}, u.email from {t} u join {peer} p using ({cols}) as j order by p.id, u.{id}',
        since: 14,
      },
      'using in a self-join': 'select {c}, a.{id}, b.{id} from {t} a join {t} b using ({cols}) order by a.{id}, b.{id}',
      'natural, columns of both': 'select * from {t} u natural join {peer} p order by 1, 2',
      'natural left': 'select {c}, u.email, p.title from {t} u natural left join {peer} p order by u.email',
      'natural with the shadow named elsewhere': 'select * from {t} u natural join {other} n order by 1, 2',
      'natural of sub-selects':
        'select * from (select {cols}, email from {t}) u natural join (select {cols}, title from {peer}) p order by email, title',
      'using the column, grouped by the key': {
        sql: 'select u.{id}, u.email, count(*) from {t} u join {peer} p using ({cols}) group by u.{id} order by u.{id}',
        needs: ['plain-key'],
      },
      'using the column, system columns':
        'select u.tableoid::regclass::text, u.ctid is not null, {c} from {t} u join {peer} p using ({cols}) order by p.id, u.{id}',
      'using the column, locked':
        'select {c}, u.email from {t} u join {peer} p using ({cols}) order by p.id, u.{id} for update of u',
      'using the column, row':
        'select to_jsonb(u), to_jsonb(p) from {t} u join {peer} p using ({cols}) order by p.id, u.{id}',
      'using the column, sampled':
        'select {c} from {t} u tablesample bernoulli (100) join only {peer} p using ({cols}) order by p.id, u.{id}',
      'using the column, sub-select inside':
        'select {c}, (select count(*) from posts q where q.author_id = u.{id}) from {t} u join {peer} p using ({cols}) order by p.id, u.{id}',
      'natural, alias with columns':
        'select * from {t} u natural join {other} n (id, author_id, title, score) order by 1, 2',
      'merged column named as the shadow elsewhere':
        'select {s}, a.id from {other} a natural join {other} b left join {t} u on u.{id} = a.author_id order by a.id',
      'merged column named as the shadow, joined by the key':
        'select a.title from {other} a natural join {other} b left join {t} u on u.{id} = a.author_id where {s} is not null order by a.id',
      'star beside a sub-select that repeats a name':
        'select * from {t} u join {peer} p using ({cols}) cross join (select id, id from posts where id = 1) x order by p.id, u.{id}',
      'nested using':
        'select {c}, p.id, q.id from {t} u join {peer} p using ({cols}) join {peer} q using ({cols}) order by p.id, q.id, u.{id}',
    },
  ),
  ...writes(
    'using and natural',
    { needs: ['peers', 'text', 'single'] },
    {
      'using tables of two types': {
        sql: [
          'create table labels ({c} text, note int)',
          'insert into labels select {c}, {id} from {t}',
          'select * from {t} u join labels l using ({c}) order by u.{id}, note',
          'select {c}, note from labels l right join {t} u using ({c}) where {c} = {v1} or u.{id} > 2 order by u.{id}, note',
          'select u.{id}, {c}, count(*) from {t} u left join labels l using ({c}) group by u.{id} order by {c}, u.{id}',
        ],
        needs: ['plain-key'],
      },
    },
  ),
  ...reads(
    'using and natural',
    { needs: ['text', 'single'] },
    {
      'using columns of two types':
        'select * from {t} u join (select {c}::varchar(77) as {c} from {t} where {id} < 3) x using ({c}) order by u.{id}',
      'using columns of two types, full':
        'select {c}, u.email from {t} u full join (select {c}::text as {c} from {t} where {id} < 3) x using ({c}) order by u.{id}, 1',
    },
  ),
  ...reads(
    'using and natural',
    { needs: ['number', 'single'], without: ['key'] },
    {
      'using numbers of two types':
        'select * from {t} u join (select {c}::numeric as {c} from {t} where {id} < 3) x using ({c}) order by u.{id}',
      'using numbers of two types, left':
        'select {c}, u.email from {t} u left join (select {c}::int8 as {c} from {t} where {id} < 3) x using ({c}) order by u.{id}',
    },
  ),
  ...reads(
    'lateral',
    {},
    {
      'sub-select':
        'select u.{c}, x.title from {t} u left join lateral (select p.title from posts p where p.author_id = u.{id} order by p.id limit 1) x on true order by u.{id}',
      'column passed in':
        'select u.{id}, x.same from {t} u cross join lateral (select u.{c} as same) x order by u.{id}',
      'column passed in by name': 'select u.{id}, x.{c} from {t} u, lateral (select u.{c}) x order by u.{id}',
      'function of the column':
        'select u.{id}, x.v from {t} u, lateral (values (u.{c}), (null)) x(v) order by u.{id}, x.v',
      'the table inside':
        'select p.id, x.{c} from posts p left join lateral (select * from {t} u where u.{id} = p.author_id) x on true order by p.id',
      'correlated on the column':
        'select u.{id}, x.n from {t} u, lateral (select count(*) as n from {t} v where v.{c} = u.{c}) x order by u.{id}',
    },
  ),
  ...reads(
    'row locks',
    {},
    {
      'for update': 'select {id}, {c} from {t} where {c} = {v1} order by {id} for update',
      'for update of':
        'select u.{c}, p.title from {t} u join posts p on p.author_id = u.{id} order by p.id for update of u',
      'for no key update nowait': 'select * from {t} order by {id} for no key update nowait',
      'for share skip locked': {
        sql: 'select {c} from {t} where {c} = $1 order by {id} for share skip locked',
        values: ['{raw:v1}'],
      },
      'for key share': 'select {id} from {t} where {c} is not null order by {id} for key share',
      'two clauses':
        'select u.{c} from {t} u join posts p on p.author_id = u.{id} order by p.id for update of u for share of p',
      'in a sub-select': 'select x.{c} from (select * from {t} order by {id} limit 2 for update) x order by x.{id}',
      'limit 1 skip locked': { sql: 'select {id}, {cols} from {t} order by {id} limit 1 for update skip locked' },
    },
  ),
  ...reads(
    'tablesample and only',
    {},
    {
      'bernoulli 100': 'select {c} from {t} tablesample bernoulli (100) order by {id}',
      'system with repeatable':
        'select u.{c} from {t} u tablesample system (100) repeatable (3) where u.{c} = {v1} order by u.{id}',
      only: 'select {c} from only {t} order by {id}',
      'only with brackets': 'select {c} from only ({t}) order by {id}',
      'only with brackets, columns renamed': 'select a from only ({t}) u(a) order by a',
      'with descendants': 'select {c} from {t} * order by {id}',
      'only, star': 'select * from only {t} u where u.{c} is not null order by {id}',
    },
  ),
  ...reads(
    'functions in from',
    {},
    {
      generate_series: 'select s.n, u.{c} from generate_series(1, 3) s(n) join {t} u on u.{id} = s.n order by s.n',
      'generate_series, unnamed column':
        'select s, u.{c} from generate_series(1, 3) s, {t} u where u.{id} = s order by s',
      'unnest of another column': 'select u.{c}, x.tag from {t} u, unnest(u.tags) x(tag) order by u.{id}, x.tag',
      'unnest of the column':
        'select x.v, x.n from {t} u, unnest(array[u.{c}]) with ordinality x(v, n) order by u.{id}',
      'rows from':
        'select a, b from rows from (generate_series(1, 2), generate_series(5, 7)) x(a, b), {t} u where u.{id} = 1 and u.{c} = {v1} order by b',
      'jsonb_each of another column':
        "select u.{c}, e.key from {t} u, jsonb_each_text(coalesce(u.meta, '{}')) e order by u.{id}, e.key",
      jsonb_to_recordset: `select u.{c}, x.a from {t} u, jsonb_to_recordset('[{"a":1},{"a":2}]') as x(a int) where u.{id} = x.a order by x.a`,
      xmltable:
        "select {c}, x.* from {t}, xmltable('/r' passing xmlparse(document '<r><a>1</a></r>') columns a int path 'a', o for ordinality) x order by {id}",
      'xmltable with the name of the shadow':
        "select {s}, {c} from {t}, xmltable('/r' passing xmlparse(document '<r><a>1</a></r>') columns {s} int path 'a') x order by {id}",
      json_table: {
        sql: `select {c}, a, n, b from {t}, json_table(coalesce(meta, '{}'), '$' columns (a int path '$.a', n for ordinality, nested path '$.b[*]' columns (b int path '$'))) j order by {id}, b`,
        since: 17,
      },
      'json_table in a sub-select': {
        sql: `select {id}, (select count(*) from json_table(coalesce(meta, '[]'), '$[*]' columns (v text path '$')) j where {c} is not null) from {t} order by {id}`,
        since: 17,
      },
      'json_table with the name of the column: an error': {
        sql: `select {c} from {t}, json_table('[1]', '$[*]' columns ({c} text path '$')) j order by {id}`,
        since: 17,
      },
      'scalar function': 'select u.{c}, v from {t} u, upper(u.email) v order by u.{id}',
    },
  ),
]
