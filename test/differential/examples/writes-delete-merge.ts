import { writes } from '../example.ts'

export const deletes = [
  ...writes(
    'delete',
    {},
    {
      'by the column': 'delete from {t} where {c} = {v4} returning {id}',
      'by a parameter': { sql: 'delete from {t} where {c} = $1', values: ['{raw:v4}'] },
      'by the key': 'delete from {t} where {id} = 4 returning *',
      'returning the column': 'delete from {t} where {id} = 4 returning {c}, email',
      'with an alias': 'delete from {t} as u where u.{c} is null or u.{id} = 5 returning u.{c}',
      'with schema': 'delete from {tq} where {tq}.{id} = 6 and ({tq}.{c} is not null or {tq}.{c} is null)',
      using:
        'delete from {t} using posts p where p.author_id = {t}.{id} and p.title = $$sixth$$ and {t}.{c} is not null returning {t}.{c}, p.title',
      'using itself': 'delete from {t} a using {t} b where a.{id} = b.{id} and b.{c} = {v4} returning a.{c}',
      'using a sub-select': 'delete from {t} u using (select {id} from {t} where {c} = {v4}) x where x.{id} = u.{id}',
      in: 'delete from posts where author_id in (select {id} from {t} where {c} = {v1}) returning id',
      exists: 'delete from posts p where exists (select 1 from {t} u where u.{id} = p.author_id and u.{c} = {v1})',
      with: 'with gone as (select {id} from {t} where {c} = {v4}) delete from {t} where {id} in (select {id} from gone) returning {c}',
      only: { sql: 'delete from only {t} where {id} = 5', without: ['partitioned'] },
      'where current of': {
        sql: [
          'declare cur cursor for select {c} from {t} where {id} = 5 for update',
          'fetch 1 from cur',
          'delete from {t} where current of cur returning {c}',
        ],
      },
      'referenced: an error': 'delete from {t} where {c} = {v1}',
      'no rows': { sql: 'delete from {t} where {c} = $1 returning *', values: ['{raw:n1}'] },
      'by row comparison': 'delete from {t} where ({c}, {id}) = ({v4}, 6) returning {id}',
    },
  ),
  ...writes(
    'data-modifying cte',
    {},
    {
      'insert returning':
        "with n as (insert into {t} (email, {cols}) values ('new@x', {all:n1}) returning *) select {c}, email from n",
      'update returning': 'with n as (update {t} set {set:n1} where {id} = 1 returning {id}, {c}) select * from n',
      'delete returning': 'with n as (delete from {t} where {id} = 5 returning *) select n.{c} from n',
      'update seen by an update':
        'with n as (update {t} set {set:n1} where {id} = 1 returning {id}, {c}) update posts p set title = n.{c}::text from n where p.author_id = n.{id} returning p.title',
      'old rows beside': {
        sql: 'with n as (update {t} set {set:n1} where {id} = 1 returning {id}) select {id}, {c} from {t} order by {id}',
      },
      moved: {
        sql: 'with n as (delete from {t} where {id} = 5 returning email, {cols}) insert into {t} (email, {cols}) select email, {cols} from n returning email, {c}',
      },
      'two at once':
        "with a as (insert into {t} (email, {cols}) values ('n1@x', {all:n1}) returning {c}), b as (update {t} set age = 1 where {id} = 2 returning {c}) select a.{c}, b.{c} from a, b",
      'star of star':
        "with a as (insert into {t} (email, {cols}) values ('n1@x', {all:n1}) returning *), b as (select * from a) select * from b",
      'not referenced': 'with a as (update {t} set {set:n1} where {id} = 1) select 1',
    },
  ),
]

export const merges = [
  ...writes(
    'merge',
    { since: 15 },
    {
      update:
        'merge into {t} u using posts p on p.author_id = u.{id} and p.id = 5 when matched then update set {set:n1}',
      insert:
        "merge into {t} u using (select 900 as k) s on s.k = u.{id} when not matched then insert (email, {cols}) values ('new@x', {all:n1})",
      both: "merge into {t} using (values (1, 'ada@x'), (901, 'new@x')) s(k, e) on s.k = {t}.{id} when matched then update set age = 1 when not matched then insert (email, {cols}) values (s.e, {all:n1})",
      'both of the column': {
        sql: "merge into {t} u using (values ('ada@x', {n1}::{type}), ('new@x', {n2})) s(e, v) on s.e = u.email when matched then update set {c} = s.v when not matched then insert (email, {c}) values (s.e, s.v)",
        needs: ['single'],
      },
      'with parameters': {
        sql: 'merge into {t} using posts on posts.author_id = {t}.{id} and posts.id = 5 when matched then update set {c} = $1 when not matched then do nothing',
        values: ['{raw:n1}'],
      },
      'on the column': {
        sql: 'merge into {t} u using (select {v3}::{type} as v) s on s.v = u.{c} when matched then update set age = 5',
      },
      'condition on the column':
        'merge into {t} u using (values (1), (2), (3)) s(k) on s.k = u.{id} when matched and u.{c} = {v1} then update set age = 70 when matched and u.{c} is not null then update set age = 71',
      delete:
        'merge into {t} u using (values (5)) s(k) on s.k = u.{id} when matched and u.{c} is not distinct from u.{c} then delete',
      'do nothing':
        'merge into {t} u using posts p on p.author_id = u.{id} and p.id = 5 when matched and u.{c} = {v1} then do nothing when matched then update set {set:n1}',
      'default values beside': {
        sql: "merge into {t} u using (values (900)) s(k) on s.k = u.{id} when not matched then insert (email, {c}) values ('new@x', default)",
        needs: ['single'],
        without: ['volatile-default', 'key'],
      },
      'a star of values': {
        sql: 'merge into {t} u using (select title as email, {c} from {peer} where id = 1) s on false when not matched then insert (age, email, {c}) values (7, (s.*))',
        needs: ['single'],
        without: ['key', 'unique'],
        tolerates: [
          { reason: 'several-columns', why: 'MERGE has no place where the columns of a star could be numbered.' },
        ],
      },
      'left out': {
        sql: "merge into {t} u using (values (900)) s(k) on s.k = u.{id} when not matched then insert (email) values ('new@x')",
        without: ['volatile-default'],
      },
      'multi-assignment':
        'merge into {t} u using (values (1)) s(k) on s.k = u.{id} when matched then update set ({c}, age) = ({n1}, 4)',
      'functions of PostgreSQL': {
        sql: "merge into {t} u using (values (900)) s(k) on s.k = u.{id} when not matched then insert (email, {c}) values (pg_catalog.concat('new', s.k), pg_catalog.concat_ws('-', {n1}, pg_catalog.length(s.k::text)))",
        needs: ['text', 'single'],
        without: ['unique'],
      },
      'source is the table': {
        sql: 'merge into posts p using {t} u on u.{id} = p.author_id when matched and u.{c} = {v1} then update set title = u.{c}::text',
      },
      'source is the table, both': {
        sql: 'merge into {t} u using (select * from {t} where {c} = {v3}) s on s.{id} = u.{id} when matched then update set {set:n1}',
      },
      'of itself plus': {
        sql: 'merge into {t} u using posts p on p.author_id = u.{id} and p.id = 5 when matched then update set {c} = u.{c}, age = p.score',
      },
      with: 'with s as (select 1 as k) merge into {t} u using s on s.k = u.{id} when matched then update set {set:n1}',
      overriding: {
        sql: "merge into {t} u using (values (900)) s(k) on s.k = u.{id} when not matched then insert ({id}, email, {cols}) overriding system value values (s.k, 'new@x', {all:n1})",
        needs: ['plain-key'],
        without: ['key'],
      },
    },
  ),
  ...writes(
    'merge',
    { since: 17 },
    {
      returning:
        'merge into {t} u using (values (1)) s(k) on s.k = u.{id} when matched then update set {set:n1} returning merge_action(), u.{c}, s.k',
      'returning star':
        'merge into {t} u using (values (1)) s(k) on s.k = u.{id} when matched then update set {set:n1} returning u.*',
      'not matched by source':
        'merge into {t} u using (select * from {t} where {id} < 5) s on s.{id} = u.{id} when not matched by source and u.{c} is not null then update set age = 0',
      'in a cte':
        'with m as (merge into {t} u using (values (1)) s(k) on s.k = u.{id} when matched then update set {set:n1} returning u.{c}) select * from m',
    },
  ),
]
