import { reads } from '../example.ts'
import { AMBIGUOUS_GROUP } from '../generator/form-tolerances.ts'
import type { Tolerance } from '../tolerance.ts'

const GROUPED_BY_KEY: readonly Tolerance[] = [
  {
    reason: 'grouped-by-key',
    why: 'The primary key itself migrates, so that the one of the other side determines no column.',
    kinds: ['int4-to-int8-key'],
  },
]

export const groups = [
  ...reads(
    'group by',
    {},
    {
      'the column': 'select {c}, count(*) from {t} group by {c} order by {c}',
      qualified: 'select u.{c}, count(*) as n from {t} u group by u.{c} order by n, u.{c}',
      'select unqualified, group qualified': 'select {c}, count(*) from {t} u group by u.{c} order by 1',
      'select qualified, group unqualified': 'select u.{c}, count(*) from {t} u group by {c} order by 1',
      'all columns': 'select {cols}, count(*) from {t} group by {cols} order by {cols}',
      position: 'select {c}, count(*) from {t} group by 1 order by 1',
      'output alias': 'select {c} as k, count(*) from {t} group by k order by k',
      'alias that is an input column': 'select {c} as age, count(*) from {t} group by {c} order by 1',
      'input before output name': 'select email as {c}, count(*) from {t} group by {c}, email order by 1',
      'by the shadow name, of two outputs that are the same':
        'select email as {s}, email as {s}, count(*) from {t} group by {s} order by 1',
      'by the shadow name, of two outputs: an error': {
        sql: 'select email as {s}, age as {s}, count(*) from {t} group by {s}, email, age',
        tolerates: AMBIGUOUS_GROUP,
      },
      expression: 'select {c} is null as missing, count(*) from {t} group by {c} is null order by 1',
      'expression in both places':
        'select coalesce({c}, {v1}), count(*) from {t} group by coalesce({c}, {v1}) order by 1',
      'not selected': 'select count(*) from {t} group by {c} order by 1',
      'grouped but cast in the list': 'select {c}::text, count(*) from {t} group by {c} order by 1',
      'grouping sets': {
        sql: 'select {c}, age, count(*) from {t} group by grouping sets (({c}), (age), ()) order by 1, 2, 3',
        tolerates: GROUPED_BY_KEY,
      },
      rollup: {
        sql: 'select {c}, active, count(*), grouping({c}) from {t} group by rollup ({c}, active) order by 1, 2, 4',
        tolerates: GROUPED_BY_KEY,
      },
      cube: {
        sql: 'select {c}, active, count(*) from {t} group by cube ({c}, active) order by 1, 2, 3',
        tolerates: GROUPED_BY_KEY,
      },
      'grouping sets of lists': {
        sql: 'select {c}, age, grouping({c}, age), count(*) from {t} group by grouping sets (({c}, age), rollup (age), ()) order by 3, 1, 2',
        tolerates: GROUPED_BY_KEY,
      },
      'a list in brackets': 'select {c}, active, count(*) from {t} group by ({c}, active) order by {c}, active',
      'position in a grouping set': 'select {c}, count(*) from {t} group by rollup (1) order by {c}, 2',
      'group by distinct sets': {
        sql: 'select {c}, active, count(*) from {t} group by distinct cube ({c}, active), rollup ({c}) order by 1, 2, 3',
        since: 14,
        tolerates: GROUPED_BY_KEY,
      },
      'having on grouping()': {
        sql: 'select {c}, count(*) from {t} group by rollup ({c}) having grouping({c}) = 1 or count(*) > 1 order by grouping({c}), {c}',
        tolerates: GROUPED_BY_KEY,
      },
      'having on the column': 'select {c}, count(*) from {t} group by {c} having {c} = {v1}',
      'having on a parameter': {
        sql: 'select {c}, count(*) from {t} group by {c} having {c} = $1',
        values: ['{raw:v1}'],
      },
      'having on an aggregate of it': 'select age, count({c}) from {t} group by age having count({c}) > 1 order by age',
      'having without group by': 'select count(*) from {t} having count({c}) > 1',
      'of a join':
        'select u.{c}, count(p.id) from {t} u left join posts p on p.author_id = u.{id} group by u.{c} order by 1',
      'not grouped: an error': 'select {c}, count(*) from {t} group by age',
    },
  ),
  ...reads(
    'group by',
    { needs: ['plain-key'] },
    {
      'key alone': 'select {id}, {c}, email from {t} group by {id} order by {id}',
      'key alone, qualified':
        'select u.{id}, u.{c}, count(p.id) from {t} u left join posts p on p.author_id = u.{id} group by u.{id} order by u.{id}',
      'key alone, star':
        'select u.*, count(p.id) from {t} u left join posts p on p.author_id = u.{id} group by u.{id} order by u.{id}',
      'key alone, having and order':
        'select u.{id} from {t} u left join posts p on p.author_id = u.{id} group by u.{id} having count(p.id) > 0 and u.{c} is not null order by u.{c}, u.{id}',
      'key alone, in a sub-select': 'select x.{c} from (select u.* from {t} u group by u.{id}) x order by x.{id}',
    },
  ),
  ...reads(
    'order by',
    {},
    {
      'the column': 'select {id} from {t} order by {c}, {id}',
      'the column selected': 'select {c} from {t} order by {c}',
      descending: 'select {c}, {id} from {t} order by {c} desc, {id}',
      'nulls first': 'select {c}, {id} from {t} order by {c} nulls first, {id} desc',
      'desc nulls last': 'select {c}, {id} from {t} order by {c} desc nulls last, {id}',
      position: 'select {c}, {id} from {t} order by 1, 2',
      'output alias': 'select {c} as sorted, {id} from {t} order by sorted, {id}',
      'output alias that is another column': 'select {c} as email, {id} from {t} order by email, {id}',
      'output named as the column': 'select email as {c} from {t} order by {c}',
      qualified: 'select u.{id} from {t} u order by u.{c}, u.{id}',
      'qualified with output named alike': 'select email as {c} from {t} u order by u.{c}, u.{id}',
      expression: 'select {id} from {t} order by {c} is null, {c}, {id}',
      'expression of an output name is an input column':
        'select email as {c}, {id} from {t} order by coalesce({c}, {v1}), {id}',
      'using operator': 'select {id}, {c} from {t} order by {c} using <, {id}',
      limit: { sql: 'select {c}, {id} from {t} order by {c}, {id} limit $1 offset $2', values: [3, 1] },
      'fetch with ties': 'select {c} from {t} order by {c} fetch first 2 rows with ties',
      'all columns': 'select {id} from {t} order by {cols}, {id}',
      'case expression': 'select {id} from {t} order by case when {c} = {v1} then 0 else 1 end, {id}',
      'column not in the list, with alias like the shadow': 'select email as {s} from {t} order by {c}, {id}',
      'shadow name as an output': 'select {c} as {s}, {id} from {t} order by {s}, {id}',
      'by a sub-select':
        'select u.{id} from {t} u order by (select count(*) from posts p where p.author_id = u.{id}), u.{c}, u.{id}',
    },
  ),
  ...reads(
    'order by',
    { needs: ['text'] },
    {
      'lower of it': 'select {c}, {id} from {t} order by lower({c}), {id}',
      collate: 'select {c}, {id} from {t} order by {c} collate "C" desc, {id}',
      'length, then itself': 'select {c} from {t} order by length({c}), {c}',
    },
  ),
  ...reads(
    'distinct',
    {},
    {
      'the column': 'select distinct {c} from {t} order by {c}',
      several: 'select distinct {c}, active from {t} order by {c}, active',
      star: 'select distinct * from {t} order by {id}',
      'with an alias': 'select distinct {c} as d from {t} order by d',
      'qualified order': 'select distinct u.{c} from {t} u order by u.{c}',
      descending: 'select distinct {c} from {t} order by {c} desc nulls last',
      'on the column': 'select distinct on ({c}) {c}, {id} from {t} order by {c}, {id}',
      'on qualified': 'select distinct on (u.{c}) u.{id}, u.{c}, u.email from {t} u order by u.{c}, u.{id} desc',
      'on, not selected': 'select distinct on ({c}) {id} from {t} order by {c}, {id}',
      'on position': 'select distinct on (1) {c}, {id} from {t} order by 1, {id}',
      'on alias': 'select distinct on (k) {c} as k, {id} from {t} order by k, {id}',
      'on an expression': 'select distinct on ({c} is null) {id}, {c} from {t} order by {c} is null, {id}',
      'on all, star': 'select distinct on ({cols}) * from {t} order by {cols}, {id}',
      'count distinct': 'select count(distinct {c}) from {t}',
      'order by what is not selected: an error': 'select distinct email from {t} order by {c}',
    },
  ),
  ...reads(
    'window functions',
    {},
    {
      'partition by': 'select {id}, row_number() over (partition by {c} order by {id}) from {t} order by {id}',
      'order by':
        'select {id}, rank() over (order by {c}), dense_rank() over (order by {c} desc nulls last) from {t} order by {id}',
      'named window':
        'select {id}, count(*) over w, first_value({c}) over w from {t} window w as (partition by {c} order by {id}) order by {id}',
      'window from another':
        'select {id}, count(*) over (w order by {id}) from {t} window w as (partition by {c}) order by {id}',
      'lag and lead':
        'select {id}, lag({c}) over (order by {id}), lead({c}, 1, {v1}) over (order by {id}) from {t} order by {id}',
      frame:
        'select {id}, count({c}) over (order by {id} rows between 1 preceding and current row exclude ties) from {t} order by {id}',
      filter: 'select {id}, count(*) filter (where {c} = {v1}) over () from {t} order by {id}',
      'in order by': 'select {id} from {t} order by row_number() over (order by {c}, {id})',
      'in a sub-select':
        'select x.{id} from (select {id}, {c}, row_number() over (partition by {c} order by {id}) as n from {t}) x where x.n = 1 order by x.{id}',
      'over a group': 'select {c}, count(*), sum(count(*)) over (order by {c}) from {t} group by {c} order by {c}',
      nth_value:
        'select {id}, nth_value({c}, 2) over (order by {id} rows between unbounded preceding and unbounded following) from {t} order by {id}',
    },
  ),
  ...reads(
    'aggregates',
    {},
    {
      count: 'select count({c}), count(distinct {c}), count(*) from {t}',
      array_agg: 'select array_agg({c} order by {id}) from {t}',
      'array_agg ordered by it': 'select array_agg({id} order by {c}, {id}) from {t}',
      'array_agg distinct': 'select array_agg(distinct {c} order by {c}) from {t}',
      filter: 'select count(*) filter (where {c} = {v1}), count(*) filter (where {c} is null) from {t}',
      'filter with a parameter': { sql: 'select count({id}) filter (where {c} = $1) from {t}', values: ['{raw:v1}'] },
      'json aggregates': 'select json_agg({c} order by {id}), jsonb_agg({c} order by {id}) from {t}',
      json_object_agg: 'select json_object_agg({id}, {c} order by {id}) from {t}',
      bool_or: 'select bool_or({c} = {v1}), every({c} is not null) from {t}',
      'mode within group': 'select mode() within group (order by {c}) from {t}',
      percentile_disc: 'select percentile_disc(0.5) within group (order by {c}) from {t}',
      'rank within group': 'select rank({v1}::{type}) within group (order by {c}) from {t}',
      'of a join':
        'select p.title, array_agg(u.{c} order by u.{id}) from posts p join {t} u on u.{id} = p.author_id group by p.title order by 1',
      'in a scalar sub-select': 'select (select count(*) from {t} v where v.{c} = u.{c}) from {t} u order by u.{id}',
    },
  ),
  ...reads(
    'aggregates',
    { without: ['boolean', 'uuid'] },
    {
      'min and max': 'select min({c}), max({c}) from {t}',
      'min and max, named': 'select min({c}) as lo, max({c}) as {c} from {t}',
      'max by group': 'select age, max({c}) from {t} group by age order by age',
      'max in a where': 'select {id} from {t} where {c} = (select max({c}) from {t}) order by {id}',
    },
  ),
  ...reads(
    'aggregates',
    { needs: ['text'] },
    {
      string_agg: "select string_agg({c}, ',' order by {id}), string_agg(distinct {c}, ',' order by {c}) from {t}",
      'string_agg of an expression': "select string_agg(upper({c}) || '!', '' order by {c}, {id}) from {t}",
    },
  ),
  ...reads(
    'aggregates',
    { needs: ['number'] },
    {
      'sum and avg': 'select sum({c}), avg({c}), stddev({c}) from {t}',
      'sum typed': 'select pg_typeof(sum({c})), pg_typeof(avg({c})) from {t}',
      'sum filtered': 'select sum({c}) filter (where active), sum({c} * 2) from {t}',
      'sum by group': 'select age, sum({c}) from {t} group by age order by age',
      'sum over': 'select {id}, sum({c}) over (order by {id}) from {t} order by {id}',
      percentile_cont: 'select percentile_cont(0.5) within group (order by {c}) from {t}',
      'range frame':
        'select {id}, count(*) over (order by {c} range between 10 preceding and 10 following) from {t} where {c} is not null order by {id}',
      'statistics of two': 'select corr({c}, age), regr_count({c}, age), bit_and(coalesce(age, 0)) from {t}',
    },
  ),
]
