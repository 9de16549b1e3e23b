import { writes } from '../example.ts'

export const returnings = [
  ...writes(
    'returning',
    {},
    {
      column: 'update {t} set {set:n1} where {id} = 1 returning {c}',
      alias: 'update {t} set {set:n1} where {id} = 1 returning {c} as now_it_is',
      'alias like the column': 'update {t} set {set:n1} where {id} = 1 returning email as {c}',
      star: 'update {t} set {set:n1} where {id} = 1 returning *',
      'star in brackets': 'update {t} set {set:n1} where {id} = 1 returning ({t}.*)',
      'star of an alias in brackets': 'update {t} u set {set:n1} where u.{id} = 1 returning 1 as one, ((u.*)), u.{c}',
      'star of a row': 'update {t} u set {set:n1} where u.{id} = 1 returning (u).*, (u.*).{c}',
      'star with a name': 'delete from {t} where {id} = 5 returning * as x',
      'star in brackets of an insert':
        "insert into {t} (email, {cols}) values ('new@x', {all:n1}) returning ({t}.*), 1 as one",
      'stars in a CTE that writes':
        'with w as (update {t} u set {set:n1} where u.{id} = 1 returning (u.*)) select (w.*), w.{c} from w',
      'star in brackets of a join':
        'update {t} u set {set:n1} from posts p where p.author_id = u.{id} and p.id = 5 returning (p.*), (u.*)',
      'qualified star': 'update {t} u set {set:n1} where u.{id} = 1 returning u.*',
      'star and more': 'update {t} set {set:n1} where {id} = 1 returning *, {c}, 1 as one',
      expression: 'update {t} set {set:n1} where {id} = 1 returning {c}::text as t, {c} is null, coalesce({c}, {n1})',
      'sub-select':
        'update {t} set {set:n1} where {id} = 1 returning {id}, (select count(*) from posts p where p.author_id = {t}.{id}), (select x.{c} from {t} x where x.{id} = {t}.{id}) as before',
      row: 'update {t} set {set:n1} where {id} = 1 returning row_to_json({t})',
      'row of an alias': 'update {t} u set {set:n1} where u.{id} = 1 returning to_jsonb(u)',
      'from both tables': 'update {t} u set {set:n1} from posts p where p.author_id = u.{id} and p.id = 5 returning *',
      'from both, one star':
        'update {t} u set {set:n1} from posts p where p.author_id = u.{id} and p.id = 5 returning p.*, u.{c}',
      'delete star': 'delete from {t} where {id} = 5 returning *',
      'system column': 'update {t} set {set:n1} where {id} = 5 returning tableoid::regclass::text, {c}',
      'as objects': { sql: 'update {t} set {set:n1} where {id} = 1 returning *', form: 'rows-as-objects' },
      case: 'update {t} set {set:n1} where {id} < 3 and {id} = 1 returning case when {c} = {n1} then $$same$$ else $$other$$ end',
      'window of a cte':
        'with n as (update {t} set age = 4 where {id} < 4 returning {id}, {c}) select {id}, count(*) over (partition by {c}) from n order by {id}',
    },
  ),
  ...writes(
    'returning old and new',
    { since: 18 },
    {
      update: 'update {t} set {set:n1} where {id} = 1 returning old.{c}, new.{c}',
      named: 'update {t} set {set:n1} where {id} = 1 returning old.{c} as before, new.{c} as after, {c}',
      stars: 'update {t} set {set:n1} where {id} = 1 returning old.*, new.*',
      'stars in brackets': 'update {t} set {set:n1} where {id} = 1 returning (old.*), ((new.*))',
      'star of MERGE in brackets':
        'merge into {t} u using (values (1)) s(k) on s.k = u.{id} when matched then update set {set:n1} returning (s.*), (u.*)',
      'with aliases':
        'update {t} set {set:n1} where {id} = 1 returning with (old as o, new as n) o.{c}, n.{c}, n.{c} is distinct from o.{c}',
      insert: "insert into {t} (email, {cols}) values ('new@x', {all:n1}) returning old.{c}, new.{c}",
      delete: 'delete from {t} where {id} = 5 returning old.{c}, new.{c}',
      'on conflict': {
        sql: "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set {c} = excluded.{c} returning old.{c}, new.{c}",
        needs: ['plain-key'],
      },
      rows: 'update {t} set {set:n1} where {id} = 1 returning to_jsonb(old), to_jsonb(new)',
      merge:
        'merge into {t} u using (values (1)) s(k) on s.k = u.{id} when matched then update set {set:n1} returning merge_action(), old.{c}, new.{c}',
    },
  ),
]

export const volatiles = [
  ...writes(
    'volatile expressions',
    { needs: ['text', 'single'], shapeOnly: true },
    {
      'insert random': "insert into {t} (email, {c}) values ('new@x', 'r ' || random()::text) returning {c}",
      'insert random, many rows':
        "insert into {t} (email, {c}) values ('n1@x', 'r ' || random()::text), ('n2@x', 's ' || random()::text)",
      'insert uuid': "insert into {t} (email, {c}) values ('new@x', 'u ' || gen_random_uuid())",
      'insert select random':
        "insert into {t} (email, {c}) select 'n' || n, n || ' ' || random()::text from generate_series(1, 5) n",
      'update random': "update {t} set {c} = {id} || ' ' || random()::text returning {c}",
      'update clock': "update {t} set {c} = {id} || ' ' || extract(epoch from clock_timestamp())::text",
      'update in a row': "update {t} set ({c}, age) = ({id} || ' ' || random()::text, 3)",
      'update from a sub-select': "update {t} set {c} = (select {id} || ' ' || random()::text)",
      'update multi-assignment': "update {t} set ({c}, age) = (select {t}.{id} || ' ' || random()::text, 1)",
      'update from a join':
        "update {t} u set {c} = p.title || ' ' || random()::text from posts p where p.author_id = u.{id} and p.id in (5, 6)",
      'merge random': {
        sql: "merge into {t} u using (values (1), (2), (900)) s(k) on s.k = u.{id} when matched then update set {c} = s.k || ' ' || random()::text when not matched then insert (email, {c}) values ('new@x', 'r ' || random()::text)",
        since: 15,
        tolerates: [
          {
            reason: 'evaluated-twice',
            why: 'There is no place in the statement where a volatile value could be computed once for both columns.',
          },
        ],
      },
    },
  ),
  ...writes(
    'volatile expressions',
    { needs: ['text', 'single', 'plain-key'], shapeOnly: true },
    {
      'on conflict random':
        "insert into {t} (email, {c}) values ('ada@x', 'r ' || random()::text) on conflict (email) do update set {c} = excluded.{c}",
      'on conflict update random':
        "insert into {t} (email, {c}) values ('ada@x', {n1}) on conflict (email) do update set {c} = 's ' || random()::text",
    },
  ),
  ...writes(
    'volatile expressions',
    { needs: ['number', 'single'], without: ['key'] },
    {
      'nextval in insert':
        "create sequence s1; insert into {t} (email, {c}) values ('n1@x', nextval('s1')), ('n2@x', nextval('s1')) returning {c}",
      'nextval in update': {
        sql: [
          'create temp sequence s2',
          "update {t} set {c} = nextval('s2') where {id} < 4",
          "select nextval('s2')",
          'select {id}, {c} from {t} where {id} < 4 order by {c}',
        ],
      },
      'nextval of the other table':
        "insert into {t} (email, {c}) values ('n1@x', nextval('posts_id_seq')) returning {c}",
      'setval and currval': {
        sql: [
          'create temp sequence s3',
          "insert into {t} (email, {c}) values ('n1@x', nextval('s3')), ('n2@x', currval('s3')) returning {c}",
        ],
      },
    },
  ),
  ...writes(
    'volatile expressions',
    { needs: ['number', 'single'], without: ['key'], shapeOnly: true },
    {
      'random number': 'update {t} set {c} = (random() * 1000)::int returning {c}',
      'random insert': "insert into {t} (email, {c}) values ('n1@x', (random() * 1000)::int)",
      'random increment': 'update {t} set {c} = {c} + (random() * 10)::int',
    },
  ),
  ...writes(
    'volatile expressions',
    { needs: ['uuid'], shapeOnly: true },
    {
      'uuid insert': "insert into {t} (email, {c}) values ('n1@x', gen_random_uuid()) returning {c}",
      'uuid update': 'update {t} set {c} = gen_random_uuid() returning {c}',
    },
  ),
]

export const parameters = [
  ...writes(
    'parameters',
    { needs: ['single'] },
    {
      'one in two types': {
        sql: "update {t} set {c} = $1::{type}, email = $1::{type}::text || '@x' where {id} = 1 returning {c}, email",
        values: ['{raw:n1}'],
      },
      'one for the value and the test': {
        sql: 'update {t} set {c} = $1 where {c} is distinct from $1 and {id} = 1 returning {c}',
        values: ['{raw:n1}'],
      },
      many: {
        sql: 'insert into {t} (email, {c}, age, active) values ($1, $2, $3, $4), ($5, $6, $7, $8) returning {id}, {c}',
        values: ['n1@x', '{raw:n1}', 1, true, 'n2@x', '{raw:n2}', 2, false],
      },
      'out of order': {
        sql: 'update {t} set age = $3, {c} = $1 where {id} = $2 returning {c}, age',
        values: ['{raw:n1}', 1, 44],
      },
      'in a cte and outside': {
        sql: 'with x as (select $1::{type} as v) update {t} set {c} = $1 from x where {t}.{id} = 1 returning {c}, x.v',
        values: ['{raw:n1}'],
      },
      'unused number': {
        sql: 'update {t} set {c} = $1 where {id} = $2 and $3::text is not null',
        values: ['{raw:n1}', 1, 'x'],
      },
      extended: { sql: 'update {t} set {c} = {n1} where {id} = 1 returning {c}', form: 'extended' },
      'missing value: an error': { sql: 'update {t} set {c} = $1 where {id} = $2', values: ['{raw:n1}'] },
      'of a type that does not fit: an error': {
        ...{ sql: 'update {t} set {c} = $1::jsonb where {id} = 1', values: ['{}'] },
        without: ['text', 'word'],
      },
    },
  ),
]
