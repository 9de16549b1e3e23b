import { reads } from '../example.ts'
import type { Tolerance } from '../tolerance.ts'

const why = "The table's own row type has the physical columns."
const FIELD_OF_ROW: readonly Tolerance[] = [{ reason: 'field-of-row', why }]
const ROW_TYPE: Tolerance = { reason: 'row-type', why }

export const values = [
  ...reads(
    'json and whole rows',
    {},
    {
      row_to_json: 'select row_to_json(u) from {t} u order by u.{id}',
      'row_to_json of the table name': 'select row_to_json({t}) from {t} order by {id}',
      to_jsonb: 'select to_jsonb(u) from {t} u order by u.{id}',
      'to_json pretty': 'select row_to_json(u, true) from {t} u order by u.{id}',
      'json_agg of rows': 'select json_agg(u order by u.{id}) from {t} u',
      'jsonb_agg of rows': 'select jsonb_agg(u order by u.{id}) from {t} u',
      'json_agg of a sub-select': 'select json_agg(x order by x.{id}) from (select {id}, {c} from {t}) x',
      'json_agg of star': 'select json_agg(x order by x.{id}) from (select * from {t}) x',
      jsonb_build_object: "select jsonb_build_object('id', u.{id}, 'c', u.{c}) from {t} u order by u.{id}",
      json_build_array: 'select json_build_array({id}, {c}, email) from {t} order by {id}',
      json_object: "select json_build_object('k', {c}) ->> 'k' from {t} order by {id}",
      'coalesced aggregate':
        "select coalesce(json_agg(json_build_array(u.{c}) order by u.{id}), '[]'::json) from {t} u",
      'key removed': "select to_jsonb(u) - 'email' from {t} u order by u.{id}",
      'row selected': 'select u from {t} u order by u.{id}',
      'row of the table name': 'select {t} from {t} order by {id}',
      'row as text': 'select u::text from {t} u order by u.{id}',
      'row star': 'select row(u.*) from {t} u order by u.{id}',
      'field of a row': 'select (u).{c} from {t} u order by u.{id}',
      'star of a row': 'select (u).* from {t} u order by u.{id}',
      'row is null': 'select {id}, u is null, u is not null from {t} u order by {id}',
      'row of an outer join':
        'select p.id, u is not null from posts p left join {t} u on u.{id} = p.author_id order by p.id',
      'row compared': 'select a.{id} from {t} a join {t} b on a = b order by a.{id}',
      'rows of all columns compared': 'select a.{id} from {t} a join {t} b on row(a.*) = row(b.*) order by a.{id}',
      'rows of all columns and more': 'select row(u.*, 1), row(row(u.*), u.{c}) from {t} u order by u.{id}',
      'rows compared as such': 'select a.{id} from {t} a join {t} b on a.* = b.* order by a.{id}',
      'rows that differ':
        'select a.{id} from {t} a left join {t} b on b.{id} = a.{id} + 1 where a is distinct from b order by a.{id}',
      'row in rows of a sub-select':
        'select a.{id} from {t} a where a in (select b from {t} b where active) order by a.{id}',
      'rows in order and grouped': 'select u, count(*) from {t} u group by u order by u',
      'row put into strings':
        "select u::text, u.*::text, concat(u), concat_ws(',', u, 1), format('%s', u) from {t} u order by u.{id}",
      'row of another row in a window':
        'select lag(u) over (order by u.{id}), first_value(u) over (order by u.{id}) from {t} u order by u.{id}',
      'keys and values of a row':
        'select e.key, e.value from {t} u, lateral jsonb_each_text(to_jsonb(u)) e order by u.{id}, e.key',
      'field of a row in an array': {
        sql: 'select (array_agg(u order by u.{id}))[1].{c} from {t} u',
        tolerates: FIELD_OF_ROW,
      },
      'field of a row in a scalar sub-select': {
        sql: 'select ((select u from {t} u where u.{id} = 1)).{c}',
        tolerates: FIELD_OF_ROW,
      },
      'field of a row in a sub-select': {
        sql: 'select (x.r).{c} from (select u as r from {t} u) x order by (x.r).{id}',
        tolerates: FIELD_OF_ROW,
      },
      'field of a row in a common table': {
        sql: 'with w as (select u as r from {t} u) select (r).email from w order by (r).{id}',
        tolerates: FIELD_OF_ROW,
      },
      'row counted': 'select count(u), count(distinct u) from {t} u',
      'array of rows': 'select array_length(array_agg(u), 1) from {t} u',
      'row in a sub-select': 'select x.r from (select u as r, u.{id} as k from {t} u) x order by x.k',
      'row of a left join as json':
        'select p.id, to_json(u) from posts p left join {t} u on u.{id} = p.author_id order by p.id',
      'json of another table':
        'select row_to_json(p) from posts p join {t} u on u.{id} = p.author_id and u.{c} = {v1} order by p.id',
      'hstore-like keys': 'select jsonb_object_keys(to_jsonb(u)) from {t} u where {id} = 1',
      'function in attribute notation': 'select u.email, u.to_jsonb from {t} u order by u.{id}',
      populate: {
        sql: 'select (jsonb_populate_record(null::{t}, to_jsonb(u))).email from {t} u order by u.{id}',
        tolerates: [...FIELD_OF_ROW, ROW_TYPE],
      },
      'null of the row type': { sql: 'select null::{t}', tolerates: [ROW_TYPE] },
    },
  ),
  ...reads(
    'system columns',
    {},
    {
      tableoid: 'select tableoid::regclass::text, {c} from {t} order by {id}',
      'ctid in where': 'select count(*) from {t} where ctid is not null and {c} is not null',
      'ctid joined':
        'select a.{c} from {t} a join {t} b on a.ctid = b.ctid and a.tableoid = b.tableoid order by a.{id}',
      xmin: 'select xmin is not null, cmin is not null, {c} from {t} order by {id}',
      'by ctid of a sub-select': 'select {c} from {t} where ctid = (select ctid from {t} where {id} = 5) and {id} = 5',
    },
  ),
  ...reads(
    'casts, collate, case',
    {},
    {
      cast: 'select {c}::text from {t} order by {id}',
      'CAST()': 'select cast({c} as text) from {t} order by {id}',
      'cast named': 'select {c}::text as t, {c}::text from {t} order by {id}',
      'cast to its own type': 'select {c}::{type} from {t} order by {id}',
      'cast in brackets': 'select (({c})::text)::varchar from {t} order by {id}',
      case: 'select case when {c} = {v1} then 1 else 0 end from {t} order by {id}',
      'case with a subject':
        "select case {c} when {v1} then 'one' when {v2} then 'two' end as which from {t} order by {id}",
      'case resulting in it': 'select case when age > 30 then {c} else {v1} end from {t} order by {id}',
      'case ending in it': 'select case when age > 30 then {v1} else {c} end from {t} order by {id}',
      'coalesce of two rows':
        'select coalesce(a.{c}, b.{c}) from {t} a left join {t} b on b.{id} = a.{id} + 1 order by a.{id}',
      pg_typeof: 'select distinct pg_typeof({c})::text from {t}',
      'array constructor': 'select array[{c}] from {t} order by {id}',
      'array of both': 'select array[{c}, {c}] @> array[{v1}::{type}] from {t} order by {id}',
      subscript: 'select (array[{c}, {v1}])[1] from {t} order by {id}',
      'in a range check': 'select {c} = any (array[{c}]) from {t} order by {id}',
    },
  ),
  ...reads(
    'casts, collate, case',
    { needs: ['text'] },
    {
      collate: 'select {c} collate "C" from {t} order by {id}',
      'collate named': 'select {c} collate "C" as folded from {t} order by {id}',
      'collate in where': `select {id} from {t} where {c} collate "C" < 'a' order by {id}`,
      'collation for': 'select distinct collation for ({c}) from {t}',
      'char cast truncates': 'select {c}::varchar(2), {c}::char(6) from {t} order by {id}',
      'length of bytes': 'select octet_length({c}), md5({c}) from {t} order by {id}',
      'array to string': "select array_to_string(array[{c}, 'x'], '/') from {t} order by {id}",
      'string to array': "select string_to_array({c}, 'a') from {t} order by {id}",
      'array overlap': "select {id} from {t} where array[{c}::text] && array['{raw:v1}'] order by {id}",
      'type literal beside it': "select {c} || text 'x', varchar 'y' || {c} from {t} order by {id}",
    },
  ),
  ...reads(
    'casts, collate, case',
    { needs: ['number'] },
    {
      'round and cast': 'select round({c}::numeric, 1), {c}::float8, {c}::text from {t} order by {id}',
      'range contains': 'select {id} from {t} where int8range(0, 50) @> {c}::int8 order by {id}',
      'range of the column': 'select numrange({c}::numeric, {c}::numeric + 1) from {t} order by {id}',
      'division keeps its type': 'select {c} / 3 from {t} order by {id}',
      'integer functions': 'select {c} + coalesce(age, 0), greatest({c}, age) from {t} order by {id}',
      'width bucket': 'select width_bucket({c}::numeric, 0, 100, 5) from {t} order by {id}',
    },
  ),
  ...reads(
    'casts, collate, case',
    { needs: ['timestamp'] },
    {
      parts:
        "select {c}::date, {c}::time, extract(hour from {c}), {c} + interval '1 day', age({c}, {c}) from {t} order by {id}",
      'at time zone': "select {c} at time zone 'UTC' at time zone 'Europe/Berlin' from {t} order by {id}",
      range: "select {id} from {t} where tsrange('2024-01-01', '2024-12-31') @> {c} order by {id}",
    },
  ),
  ...reads(
    'other columns with odd operators',
    {},
    {
      'array operators': "select {c} from {t} where tags @> array['code'] and 'math' = any(tags) order by {id}",
      'json operators': "select {c}, meta -> 'b' -> 0, meta ->> 'a' from {t} where meta @> '{\"a\": 1}' order by {id}",
      'json existence with a question mark': "select {c} from {t} where meta ? 'a' order by {id}",
      slices: 'select tags[1:1], tags[1], {c} from {t} order by {id}',
      'json path': "select {c} from {t} where meta @@ '$.a == 1' order by {id}",
    },
  ),
]
