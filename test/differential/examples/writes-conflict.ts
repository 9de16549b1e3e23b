import { writes } from '../example.ts'

export const conflicts = [
  ...writes(
    'on conflict',
    { needs: ['plain-key'] },
    {
      'do nothing':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}), ('new@x', {all:n2}) on conflict do nothing",
      'target, do nothing':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}), ('new@x', {all:n2}) on conflict (email) do nothing returning {c}",
      'do update to excluded':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}), ('new@x', {all:n2}) on conflict (email) do update set {c} = excluded.{c} returning {id}, {c}",
      'capital EXCLUDED':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict ( email ) do update set {c} = EXCLUDED.{c}",
      'quoted excluded': `insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set {c} = "excluded".{c}, age = 7`,
      'do update to a literal': {
        sql: "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set {c} = {n2}",
      },
      'do update to a parameter': {
        sql: 'insert into {t} (email, {c}) values ($1, $2) on conflict (email) do update set {c} = $3 returning *',
        values: ['ada@x', '{raw:n1}', '{raw:n2}'],
        needs: ['single'],
      },
      'do update to the same parameter': {
        sql: 'insert into {t} (email, {c}) values ($1, $2) on conflict (email) do update set {c} = $2 returning {c}',
        values: ['ada@x', '{raw:n1}'],
        needs: ['single'],
      },
      'do update to the row itself':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set {c} = {t}.{c}, age = excluded.age returning {c}",
      'do update with a default': {
        sql: "insert into {t} (email, {c}) values ('ada@x', {n1}) on conflict (email) do update set {c} = default returning {c}",
        needs: ['single'],
        without: ['volatile-default', 'key'],
      },
      'do update of others only':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set age = 99 returning {c}, age",
      'where on excluded and the row':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}), ('bob@x', {all:n2}) on conflict (email) do update set {c} = excluded.{c} where {t}.{c} is distinct from excluded.{c} and {t}.{id} = 1 returning {id}, {c}",
      'where on a parameter': {
        sql: "insert into {t} (email, {c}) values ('ada@x', {n1}) on conflict (email) do update set {c} = excluded.{c} where {t}.{c} = $1 returning {c}",
        values: ['{raw:v1}'],
        needs: ['single'],
      },
      'with an alias':
        "insert into {t} as u (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set {c} = excluded.{c} where u.{c} = {v1} returning u.{c}",
      'on the constraint':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict on constraint users_email_key do update set {c} = excluded.{c} returning {c}",
      'on the primary key': {
        sql: "insert into {t} ({id}, email, {cols}) overriding system value values (1, 'zzz@x', {all:n1}) on conflict ({id}) do update set {c} = excluded.{c}, email = excluded.email returning {id}, {c}",
        without: ['key'],
      },
      'multi-assignment':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set ({c}, age) = (excluded.{c}, 5) returning {c}",
      'multi-assignment of a sub-select':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set ({c}, age) = (select excluded.{c}, 5) returning {c}",
      'coalesce with excluded':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set {c} = coalesce(excluded.{c}, {t}.{c})",
      'sub-select in the update':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (email) do update set {c} = (select coalesce(max(x.{c}::text)::{type}, excluded.{c}) from {t} x where x.{id} = -1) returning {c}",
      'insert select': {
        sql: 'insert into {t} (email, {cols}) select email, {all:n1} from {t} where {id} = 1 on conflict (email) do update set {c} = excluded.{c} returning {c}',
      },
      'the column left out': {
        sql: "insert into {t} (email, age) values ('ada@x', 1) on conflict (email) do update set age = excluded.age returning {c}, age",
        without: ['volatile-default'],
      },
      'left out, but taken from excluded': {
        sql: "insert into {t} (email, age) values ('ada@x', 1) on conflict (email) do update set {c} = excluded.{c} returning {c}",
        needs: ['single'],
        without: ['volatile-default', 'key'],
      },
      'the second row twice: an error':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}), ('ada@x', {all:n2}) on conflict (email) do update set {c} = excluded.{c}",
      'no such target: an error':
        "insert into {t} (email, {cols}) values ('ada@x', {all:n1}) on conflict (age) do nothing",
    },
  ),
  ...writes(
    'on conflict',
    { needs: ['plain-key', 'number', 'single'], without: ['key'] },
    {
      counter:
        "insert into {t} (email, {c}) values ('ada@x', 1) on conflict (email) do update set {c} = {t}.{c} + excluded.{c} returning {c}",
      'counter by a parameter': {
        sql: 'insert into {t} (email, {c}) values ($1, $2) on conflict (email) do update set {c} = {t}.{c} + $2 returning {c}',
        values: ['ada@x', 5],
      },
    },
  ),
  ...writes(
    'on conflict of the column',
    { needs: ['unique'] },
    {
      'do nothing': "insert into {t} (email, {c}) values ('new@x', {v1}) on conflict ({c}) do nothing",
      'do nothing without a target':
        "insert into {t} (email, {c}) values ('new@x', {v1}), ('newer@x', {n1}) on conflict do nothing returning {c}",
      'do update':
        "insert into {t} (email, {c}) values ('new@x', {v1}) on conflict ({c}) do update set email = excluded.email returning {c}, email",
      'do update of itself':
        "insert into {t} (email, {c}) values ('new@x', {v1}) on conflict ({c}) do update set {c} = {n1} returning {c}, email",
      'on the constraint':
        'insert into {t} (email, {c}) values ($$new@x$$, {v1}) on conflict on constraint {unique} do update set age = 3 returning {c}, age',
      'by parameters': {
        sql: 'insert into {t} (email, {c}) values ($1, $2), ($3, $4) on conflict ({c}) do update set age = 1 returning {c}',
        values: ['a@n', '{raw:v1}', 'b@n', '{raw:n1}'],
      },
      'with a where':
        "insert into {t} (email, {c}) values ('new@x', {v1}) on conflict ({c}) do update set age = 3 where {t}.{c} = excluded.{c} and {t}.age > 100",
      'taken: an error': "insert into {t} (email, {c}) values ('new@x', {v1})",
      'update to a taken value: an error': 'update {t} set {c} = {v2} where {id} = 1',
      'error, then on': {
        sql: [
          'savepoint a',
          'select 1',
          "insert into {t} (email, {c}) values ('new@x', {n1}) on conflict ({c}) do nothing",
          'release savepoint a',
        ],
      },
    },
  ),
]
