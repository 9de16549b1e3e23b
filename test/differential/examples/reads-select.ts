import { reads } from '../example.ts'

export const selectLists = [
  ...reads(
    'select list',
    {},
    {
      column: 'select {c} from {t}',
      'all logical columns': 'select {id}, {cols}, email from {t} order by {id}',
      'aliased with AS': 'select {c} as label_of_it from {t} order by {id}',
      'aliased without AS': 'select {c} renamed_here from {t} order by {id}',
      'aliased to its own name': 'select {c} as {c} from {t} order by {id}',
      'another column aliased to its name': 'select email as {c} from {t} order by 1',
      'aliased to the shadow name': 'select email as {s} from {t} order by {s}',
      'aliased to the shadow name, itself': 'select {c} as {s} from {t} order by {id}',
      twice: 'select {c}, {c} from {t} order by {id}',
      'with a table alias': 'select u.{c} from {t} u order by u.{id}',
      'with AS table alias': 'select u.{c}, u.email from {t} as u order by u.{id}',
      'with the table name': 'select {t}.{c} from {t} order by {t}.{id}',
      'with schema and table': 'select {tq}.{c} from {tq} order by {tq}.{id}',
      'schema in FROM alone': 'select {c} from {tq} order by {id}',
      'in brackets': 'select ({c}), (({c})) from {t} order by {id}',
      'is null': 'select {c} is null as missing, {c} is not null from {t} order by {id}',
      'in an expression without a name': 'select {c} = {v1}, {id} from {t} order by {id}',
      'in a function': 'select coalesce({c}, {v1}), nullif({c}, {v2}), pg_typeof({c}) from {t} order by {id}',
      'in a row': 'select ({c}, email) from {t} order by {id}',
      'in ROW()': 'select row({c}, age) as r from {t} order by {id}',
      'in a row comparison': 'select {id} from {t} where ({c}, email) = ({v1}, $$ada@x$$)',
      'in an array': 'select array[{c}, {v1}] from {t} order by {id}',
      'greatest and least': 'select greatest({c}, {v1}), least({c}, {v1}) from {t} order by {id}',
      'concatenated as text': "select {c}::text || '!' as shout from {t} order by {id}",
      'no rows': 'select {c} from {t} where false',
      'no columns at all': 'select from {t}',
      'a parameter beside it': { sql: 'select {c}, $1::text as p from {t} order by {id}', values: ['x'] },
      'a constant besides': 'select 1, {c}, null from {t} order by {id}',
      'count alone': 'select count(*) from {t}',
      'a table without any migration': 'select title, score from posts order by id',
    },
  ),
  ...reads(
    'select list',
    { needs: ['text'] },
    {
      'upper and lower': 'select upper({c}), lower({c}), length({c}) from {t} order by {id}',
      'concat operator': "select {c} || '-' || email from {t} order by {id}",
      'concat and format': "select concat({c}, ':', age), format('%s/%I', {c}, {c}) from {t} order by {id}",
      'substring syntax':
        'select substring({c} from 1 for 2), position($$a$$ in {c}), trim(both from {c}) from {t} order by {id}',
      'overlay syntax': "select overlay({c} placing 'ZZ' from 2 for 1) from {t} where {c} <> '' order by {id}",
      'named function arguments':
        "select lpad({c}, 12, '*'), regexp_replace({c}, '[aeiou]', '_', 'g') from {t} order by {id}",
      'schema-qualified function': 'select pg_catalog.upper({c}) from {t} order by {id}',
    },
  ),
  ...reads(
    'select list',
    { needs: ['number'] },
    {
      arithmetic: 'select {c} + 1, {c} * 2, -{c}, {c} % 5 from {t} order by {id}',
      'typed by the column': 'select {c} / 2 as half, pg_typeof({c}), pg_typeof({c} + 1) from {t} order by {id}',
      'operator syntax': 'select {c} operator(pg_catalog.+) 1 from {t} order by {id}',
      abs: 'select abs({c}), sign({c}::numeric), to_char({c}, $$FM999990$$) from {t} order by {id}',
    },
  ),
]

export const stars = [
  ...reads(
    'star',
    {},
    {
      alone: 'select * from {t}',
      ordered: 'select * from {t} order by {id}',
      'of the table': 'select {t}.* from {t} order by {id}',
      'of an alias': 'select u.* from {t} u order by u.{id}',
      'with schema': 'select {tq}.* from {tq} order by {id}',
      'and more columns': 'select *, {c} as again, 1 from {t} order by {id}',
      'after other columns': 'select 1 as one, u.*, u.{c} from {t} u order by u.{id}',
      'of a join': 'select * from {t} u join posts p on p.author_id = u.{id} order by p.id',
      'of both sides of a join': 'select p.*, u.* from {t} u join posts p on p.author_id = u.{id} order by p.id',
      'of one side of a join': 'select u.*, p.title from posts p left join {t} u on p.author_id = u.{id} order by p.id',
      'of a sub-select of star': 'select * from (select * from {t}) x order by {id}',
      'of a sub-select, one column': 'select x.{c} from (select * from {t}) x order by x.{id}',
      'of a sub-select twice nested':
        'select y.{c}, y.* from (select x.* from (select * from {t}) x) y order by y.{id}',
      'of a CTE': 'with c as (select * from {t}) select * from c order by {id}',
      'as objects': { sql: 'select * from {t} order by {id}', form: 'rows-as-objects' },
      'as arrays, extended': { sql: 'select * from {t} order by {id}', form: 'extended' },
      'in a named statement': { sql: 'select * from {t} where {id} > $1 order by {id}', values: [1], form: 'named' },
      'by a cursor of the driver': { sql: 'select * from {t} order by {id}', form: 'cursor' },
      'with columns renamed': 'select * from {t} as x (a, b) order by a',
      'of a self-join': 'select * from {t} a join {t} b on a.{id} = b.{id} + 1 order by a.{id}',
      'in EXISTS': 'select exists (select * from {t} where {c} = {v1})',
      'in count': 'select count(u.*) , count(*) from {t} u',
      'of a cross join': 'select u.*, n.title from {t} u, notes n where n.author_id = u.{id} order by n.id, u.{id}',
      'with limit and offset': { sql: 'select * from {t} order by {id} limit $1 offset $2', values: [2, 1] },
      'with the table command': 'table {t}',
      'of posts alone': 'select * from posts order by id',
    },
  ),
]

export const wheres = [
  ...reads(
    'where',
    {},
    {
      'equal to a literal': 'select {id} from {t} where {c} = {v1} order by {id}',
      'equal to a parameter': { sql: 'select {id} from {t} where {c} = $1 order by {id}', values: ['{raw:v1}'] },
      'equal to a parameter, selected': {
        sql: 'select {c}, email from {t} where {c} = $1 order by {id}',
        values: ['{raw:v2}'],
      },
      'parameter on the left': { sql: 'select {id} from {t} where $1 = {c} order by {id}', values: ['{raw:v1}'] },
      'null parameter': { sql: 'select {id} from {t} where {c} = $1', values: [null] },
      'not equal': 'select {id} from {t} where {c} <> {v1} order by {id}',
      'not equal, other spelling': 'select {id} from {t} where {c} != {v1} order by {id}',
      'is null': 'select {id}, email from {t} where {c} is null',
      'is not null': 'select {id} from {t} where {c} is not null order by {id}',
      'isnull and notnull': 'select {id} from {t} where {c} isnull or {c} notnull order by {id}',
      'is distinct from': 'select {id} from {t} where {c} is distinct from {v1} order by {id}',
      'is not distinct from a parameter': {
        sql: 'select {id} from {t} where {c} is not distinct from $1::{type} order by {id}',
        values: ['{raw:v1}'],
      },
      in: 'select {id} from {t} where {c} in ({v1}, {v3}) order by {id}',
      'in parameters': {
        sql: 'select {id} from {t} where {c} in ($1, $2) order by {id}',
        values: ['{raw:v1}', '{raw:v4}'],
      },
      'not in': 'select {id} from {t} where {c} not in ({v1}, {v2}) order by {id}',
      'any of an array': 'select {id} from {t} where {c} = any (array[{v1}, {v2}]::{type}[]) order by {id}',
      'any of an array parameter': {
        sql: 'select {id} from {t} where {c} = any($1) order by {id}',
        values: [['{raw:v1}', '{raw:v2}']],
      },
      'all of an array': 'select {id} from {t} where {c} <> all (array[{v1}, {v2}]::{type}[]) order by {id}',
      'and, or, not': {
        sql: 'select {id} from {t} where not ({c} = {v1} or age > $1) and (email = $2 or {c} is not null) order by {id}',
        values: [40, 'zzz'],
      },
      'two uses of a parameter': {
        sql: 'select {id} from {t} where {c} = $1 or ({c} is null and $1 is null) order by {id}',
        values: ['{raw:v1}'],
      },
      'row comparison': {
        sql: 'select {id} from {t} where ({id}, {c}) = ($1, $2) order by {id}',
        values: [1, '{raw:v1}'],
      },
      'row in rows': 'select {id} from {t} where ({c}, age) in (({v1}, 36), ({v1}, 20)) order by {id}',
      'with a cast of the parameter': {
        sql: 'select {id} from {t} where {c} = $1::{type} order by {id}',
        values: ['{raw:v1}'],
      },
      'with CAST()': { sql: 'select {id} from {t} where {c} = cast($1 as {type}) order by {id}', values: ['{raw:v1}'] },
      'with a cast of the column': {
        sql: 'select {id} from {t} where {c}::text = $1 order by {id}',
        values: ['{raw:v1}'],
      },
      'compared with another column':
        'select u.{id} from {t} u, posts p where u.{c}::text = p.title or p.id = u.{id} order by u.{id}, p.id',
      between: 'select {id} from {t} where {c} between {v1} and {v1} order by {id}',
      'less and greater': 'select {id} from {t} where {c} >= {v1} and {c} <= {v1} order by {id}',
      'case in where': 'select {id} from {t} where case when {c} = {v1} then true else age > 40 end order by {id}',
      'other columns only': 'select email from {t} where age = 36 order by email',
      'string twice typed': {
        sql: 'select {id} from {t} where {c}::text = $1 and {c}::text = $1 order by {id}',
        values: ['{raw:v1}'],
      },
      'by key with a cursor': {
        sql: 'select {c}, {id} from {t} where {c} = $1 order by {id}',
        values: ['{raw:v1}'],
        form: 'cursor',
      },
      'by key, named': { sql: 'select {c} from {t} where {c} = $1 order by {id}', values: ['{raw:v1}'], form: 'named' },
      'by key, as objects': {
        sql: 'select {c}, {id} from {t} where {c} = $1 order by {id}',
        values: ['{raw:v1}'],
        form: 'rows-as-objects',
      },
    },
  ),
  ...reads(
    'where',
    { needs: ['text'] },
    {
      like: "select {id} from {t} where {c} like '%a%' order by {id}",
      'like a parameter': { sql: 'select {id}, {c} from {t} where {c} like $1 order by {id}', values: ['%a%'] },
      'not like with escape': "select {id} from {t} where {c} not like 'B!_%' escape '!' order by {id}",
      ilike: { sql: "select {id} from {t} where {c} ilike '%' || $1 || '%' order by {id}", values: ['A'] },
      'similar to': "select {id} from {t} where {c} similar to '(a|A)%' order by {id}",
      'regular expression': "select {id} from {t} where {c} ~ '^[A-Z]' and {c} !~* 'x' order by {id}",
      'lower of both': { sql: 'select {id} from {t} where lower({c}) = lower($1) order by {id}', values: ['{raw:v1}'] },
      'starts with': "select {id} from {t} where starts_with({c}, 'a') or {c} ^@ 'A' order by {id}",
      'like any': "select {id} from {t} where {c} like any (array['a%', 'A%']) order by {id}",
      'compared with text typed': {
        sql: 'select {id} from {t} where {c} = $1::text order by {id}',
        values: ['{raw:v1}'],
      },
      'compared with varchar typed': {
        sql: 'select {id} from {t} where {c} = $1::varchar order by {id}',
        values: ['{raw:v1}'],
      },
      'concatenated parameter': {
        sql: "select {id} from {t} where {c} || '!' = $1 || '!' order by {id}",
        values: ['{raw:v1}'],
      },
      'full text': "select {id} from {t} where to_tsvector('simple', {c}) @@ to_tsquery('simple', 'ada') order by {id}",
    },
  ),
  ...reads(
    'where',
    { needs: ['number'] },
    {
      'range of numbers': { sql: 'select {id} from {t} where {c} > $1 and {c} < $2 order by {id}', values: [0, 1000] },
      'between parameters': {
        sql: 'select {id} from {t} where {c} between $1 and $2 order by {id}',
        values: [-1000, 50],
      },
      'arithmetic with a parameter': { sql: 'select {id} from {t} where {c} + $1 > 10 order by {id}', values: [5] },
      'beside another number': 'select {id} from {t} where {c} > age order by {id}',
      'in integers typed as strings': {
        sql: 'select {id} from {t} where {c} in ($1, $2) order by {id}',
        values: ['7', '12'],
      },
      'parameter that is a number of another type before': {
        sql: 'select $1::numeric, {id} from {t} where {c} = $1 order by {id}',
        values: ['7.4'],
      },
      'parameter that is a large number before': {
        sql: 'select $1::bigint, {id} from {t} where {c} in ($1, 12) or {c} > $1 order by {id}',
        values: ['3000000000'],
      },
      'array parameter that has a type before': {
        sql: 'select $1::bigint[], {id} from {t} where {c} = any($1) order by {id}',
        values: [['3000000000', '7']],
      },
      'parameter in a row that has a type before': {
        sql: 'select $1::numeric, {id} from {t} where ({c}, {id}) > ($1, 0) order by {id}',
        values: ['6.6'],
      },
      'parameter among columns': {
        sql: 'select a.{id} from {t} a, {t} b where $1 in (a.{c}, b.{c}) and $1 between a.{c} and b.{c} order by 1',
        values: ['7'],
      },
      modulo: 'select {id} from {t} where {c} % 2 = 0 order by {id}',
      'literal out of the range of int4': 'select {id} from {t} where {c} < 3000000000 order by {id}',
      'decimal literal': 'select {id} from {t} where {c} > 1.5 order by {id}',
    },
  ),
  ...reads(
    'where',
    { needs: ['boolean'] },
    {
      'column as condition': 'select {id} from {t} where {c} order by {id}',
      'not column': 'select {id} from {t} where not {c} order by {id}',
      'is true, is unknown':
        'select {id}, {c} is true, {c} is not false, {c} is unknown from {t} where {c} is not true order by {id}',
      'and with another': 'select {id} from {t} where {c} and active order by {id}',
    },
  ),
  ...reads(
    'where',
    { needs: ['date'] },
    {
      'date arithmetic':
        "select {c} + 1, {c} - date '2024-01-01', extract(year from {c}), date_trunc('month', {c}) from {t} order by {id}",
      'date range': "select {id} from {t} where {c} between '2024-01-01' and '2024-12-31' order by {id}",
      'both columns': 'select {c} + {c2} as at from {t} order by {c}, {c2}, {id}',
      overlaps:
        "select {id} from {t} where ({c}, {c} + 1) overlaps (date '2024-02-01', date '2024-03-01') order by {id}",
    },
  ),
]
