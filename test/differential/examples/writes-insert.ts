import { writes } from '../example.ts'
import type { Tolerance } from '../tolerance.ts'

const TOO_MANY = {
  ...{ sqlstate: '42601', fields: ['message'] },
  why: 'How many columns a function has is not known, so a query of as many as there are places stands beside it.',
} as const satisfies Tolerance

const NEW_STANDS_LAST: readonly Tolerance[] = [
  {
    ...{ sqlstate: '23502', fields: ['message', 'column'], kinds: ['rename-not-null', 'merge'] },
    why: 'Of several columns that must not be NULL the first is reported, and the new one stands last.',
  },
]

export const inserts = [
  ...writes(
    'insert of sets',
    { without: ['key'] },
    {
      'beside constants':
        "insert into {t} (email, {cols}) values ('n' || generate_series(1, 3) || '@x', {all:n1}) returning email, {c}",
      'of no columns: an error, since email is missing': {
        sql: 'insert into {t} select from generate_series(1, 2) returning {c}',
        tolerates: NEW_STANDS_LAST,
      },
      'in brackets':
        "insert into {t} (email, {cols}) ((values ('n' || generate_series(1, 3) || '@x', {all:n1}))) returning email, {c}",
      'beside what is left out': {
        sql: "insert into {t} (email, age) values ('n' || generate_series(1, 2) || '@x', generate_series(1, 2)) returning email, age",
        without: ['volatile-default'],
      },
      'beside what is drawn': {
        sql: "insert into {t} (email) values ('n' || generate_series(1, 2) || '@x') returning {c}, email",
        needs: ['volatile-default'],
        shapeOnly: true,
      },
      'beside a sub-select': {
        sql: "insert into {t} (email, {c}) values ('n' || generate_series(1, 2) || '@x', (select max({c}::text) from {t})::{type}) returning *",
        needs: ['single'],
        without: ['unique'],
      },
      'of the column': {
        sql: "insert into {t} (email, {c}, age) values ('n' || generate_series(1, 2) || '@x', unnest(array[{v1}, {v2}]::{type}[]), $1) returning *",
        values: [5],
        needs: ['single'],
        without: ['unique', 'default', 'volatile-default'],
      },
      'of the column, without a list of columns': {
        sql: "insert into {t} values (200 + generate_series(1, 2), unnest(array[{n1}, {n2}]::{type}[]), 'n' || generate_series(1, 2) || '@x')",
        needs: ['text', 'single', 'public'],
        without: ['two', 'partitioned'],
      },
      'with DEFAULT beside it':
        "insert into {t} (age, email, {cols}) values (default, 'n' || generate_series(1, 2) || '@x', {all:n1}) returning *",
      'with the column left to its default': {
        sql: "insert into {t} (email, {c}) values ('n' || generate_series(1, 2) || '@x', default) returning email, {c}",
        needs: ['default', 'single'],
      },
      'on conflict': {
        sql: "insert into {t} as u (email, {cols}) values (unnest(array['ada@x', 'new@x']), {all:n1}) on conflict (email) do update set {c} = excluded.{c} returning u.{c}, u.email",
        needs: ['plain-key'],
      },
      'of a row':
        'insert into {t} (age, email, {cols}) values ((json_populate_record(null::posts, \'{"id": 5, "title": "t"}\')).id, (json_populate_record(null::posts, \'{"title": "t"}\')).title, {all:n1})',
      'in brackets of rows':
        "insert into {t} (email, age, {cols}) values ((('n' || generate_series(1, 2) || '@x')), 1, {all:n1}) returning email",
      'more than one row':
        "insert into {t} (email, {cols}) values ('n1@x', {all:n1}), ('n' || generate_series(2, 3), {all:n2})",
      ordered: "insert into {t} (email, {cols}) values ('n' || generate_series(2, 3), {all:n2}) order by 1",
    },
  ),
  ...writes(
    'insert of rows as columns',
    { needs: ['single'], without: ['key', 'unique'] },
    {
      'a function': {
        sql: `insert into {t} (email, {c}) values ((jsonb_each_text('{"n1@x": "a b", "n2@x": "c d"}')).*) returning *`,
        needs: ['text'],
      },
      'a function, in brackets, beside others': {
        sql: `insert into {t} (age, email, {c}, active) values (7, ((jsonb_each_text($1)).*), $2) returning *`,
        values: ['{"n1@x": "a b"}', false],
        needs: ['text'],
      },
      'too many of them': {
        sql: `insert into {t} (email) values ((jsonb_each_text('{"n1@x": "a b"}')).*)`,
        needs: ['text'],
        tolerates: [
          { ...{ app: 'old', kinds: ['rename-default', 'split'] }, ...TOO_MANY },
          { ...{ app: 'new', kinds: ['rename-default'] }, ...TOO_MANY },
        ],
      },
      'from the table itself': 'create temp table stage on commit drop as select (u.*) from {t} u where {id} = 1',
      'of a query':
        'insert into {t} (email, {c}) select (p.*) from (select title, {c} from {peer} where id = 1) p returning *',
      'of a query, the row':
        'insert into {t} (email, {c}) select (p).* from (select title, {c} from {peer} where id = 1) p returning *',
    },
  ),
  ...writes(
    'insert',
    {},
    {
      'one row': "insert into {t} (email, {cols}) values ('new@x', {all:n1})",
      'one row, column first': "insert into {t} ({cols}, email) values ({all:n1}, 'new@x')",
      'with schema': "insert into {tq} (email, {cols}) values ('new@x', {all:n1})",
      'with an alias': "insert into {t} as u (email, {cols}) values ('new@x', {all:n1}) returning u.{c}",
      parameters: {
        sql: 'insert into {t} (email, {c}) values ($1, $2)',
        values: ['new@x', '{raw:n1}'],
        needs: ['single'],
      },
      'parameters in another order': {
        sql: 'insert into {t} ({c}, email, age) values ($3, $1, $2)',
        values: ['new@x', 3, '{raw:n1}'],
        needs: ['single'],
      },
      'named statement': {
        sql: "insert into {t} (email, {c}) values ('a' || random()::text, $1)",
        values: ['{raw:n1}'],
        form: 'named',
        needs: ['single'],
        without: ['unique', 'key'],
        shapeOnly: true,
      },
      'a parameter used twice': {
        sql: 'insert into {t} (email, {c}) values ($1::text, $2), ($1 || $1, $2)',
        values: ['new@x', '{raw:n1}'],
        needs: ['single'],
        without: ['unique', 'key'],
      },
      null: { sql: "insert into {t} (email, {c}) values ('new@x', null)", needs: ['nullable', 'single'] },
      'null parameter': {
        sql: "insert into {t} (email, {c}) values ('new@x', $1)",
        values: [null],
        needs: ['nullable', 'single'],
      },
      'many rows': "insert into {t} (email, {cols}) values ('n1@x', {all:n1}), ('n2@x', {all:n2})",
      'many rows with parameters': {
        sql: 'insert into {t} (email, {c}) values ($1, $2), ($3, $4)',
        values: ['n1@x', '{raw:n1}', 'n2@x', '{raw:n2}'],
        needs: ['single'],
      },
      'many rows, nulls': {
        sql: "insert into {t} (email, {c}) values ('n1@x', null), ('n2@x', {n1}), ('n3@x', null)",
        needs: ['nullable', 'single'],
      },
      'the column left out': { sql: "insert into {t} (email, age) values ('new@x', 4)", without: ['volatile-default'] },
      DEFAULT: {
        sql: "insert into {t} (email, {c}) values ('new@x', default)",
        needs: ['single'],
        without: ['volatile-default'],
      },
      'DEFAULT for everything else':
        "insert into {t} ({cols}, email, age, tags, meta, active) values ({all:n1}, 'new@x', default, default, default, default)",
      'DEFAULT in some rows': {
        sql: "insert into {t} (email, {c}) values ('n1@x', default), ('n2@x', {n1}), ('n3@x', default)",
        needs: ['single'],
        without: ['volatile-default'],
      },
      'DEFAULT and parameters': {
        sql: 'insert into {t} (email, {c}, age) values ($1, default, $2), ($3, $4, default)',
        values: ['n1@x', 5, 'n2@x', '{raw:n1}'],
        needs: ['single'],
        without: ['volatile-default'],
      },
      'DEFAULT VALUES: an error, since email is missing': {
        sql: 'insert into {t} default values',
        tolerates: NEW_STANDS_LAST,
      },
      'no column list': {
        sql: "insert into {t} values (77, {n1}, 'new@x', 3, '{a}', null, true)",
        needs: ['single', 'text'],
        without: ['two'],
      },
      'no column list, too few values': { sql: 'insert into {t} values (77, {n1})', needs: ['single', 'text'] },
      'too many values: an error': "insert into {t} (email, {c}) values ('x', {n1}, 1)",
      'too few values: an error': "insert into {t} (email, {c}) values ('x')",
      'a column twice: an error': 'insert into {t} ({c}, {c}) values ({n1}, {n1})',
      expression: { sql: "insert into {t} (email, {c}) values ('new@x', coalesce(null, {n1}))", needs: ['single'] },
      'sub-select as a value': {
        sql: "insert into {t} (email, {c}) values ('new@x', (select {c} from {t} where {id} = 2))",
        needs: ['single'],
        without: ['unique', 'key'],
      },
      'sub-select with a parameter': {
        sql: "insert into {t} (email, {c}) values ('new@x', (select max({c}::text) from {t} where {id} = $1)::{type})",
        values: [2],
        needs: ['single'],
        without: ['unique', 'key'],
      },
      'with a comment':
        "insert into {t} /* the table */ (email, -- the address\n {cols}) values ('new@x', /* , */ {all:n1}) -- done",
      'rows in a table with an identity':
        "insert into posts (author_id, title) select {id}, 'of ' || email from {t} where {c} = {v1}",
      'of another table, reading the column': {
        sql: 'insert into notes (title, score) select {c}::text, {id} from {t} where {c} is not null',
      },
      'then select': {
        sql: [
          "insert into {t} (email, {cols}) values ('new@x', {all:n1})",
          "select {c}, email from {t} where email = 'new@x'",
          'select count(*) from {t} where {c} = {n1}',
        ],
      },
      returning: "insert into {t} (email, {cols}) values ('new@x', {all:n1}) returning {cols}",
      'returning star': "insert into {t} (email, {cols}) values ('new@x', {all:n1}) returning *",
      'returning many rows':
        "insert into {t} (email, {cols}) values ('n1@x', {all:n1}), ('n2@x', {all:n2}) returning {id}, {c}, email",
    },
  ),
  ...writes(
    'insert',
    { needs: ['text', 'single'] },
    {
      'expression of a parameter': {
        sql: "insert into {t} (email, {c}) values ('new@x', upper($1))",
        values: ['{raw:n1}'],
      },
      'concatenation of parameters': {
        sql: "insert into {t} (email, {c}) values ('new@x', $1 || $2)",
        values: ['{raw:n1}', 'more'],
      },
      case: {
        sql: "insert into {t} (email, {c}) values ('new@x', case when $1 = 'a' then {n1} else {n2} end)",
        values: ['a'],
      },
      'parameter as two columns': { sql: 'insert into {t} (email, {c}) values ($1, $1)', values: ['{raw:n1}'] },
      'cast parameter': { sql: "insert into {t} (email, {c}) values ('new@x', $1::text)", values: ['{raw:n1}'] },
      'varchar cast parameter': {
        sql: "insert into {t} (email, {c}) values ('new@x', $1::varchar(40))",
        values: ['{raw:n1}'],
      },
      'E string': { sql: "insert into {t} (email, {c}) values ('new@x', E'a\\u00e9 b\\'c')" },
      'dollar string': { sql: "insert into {t} (email, {c}) values ('new@x', $tag$it's $1 $$x$$ here$tag$)" },
      'an array into text': { sql: "insert into {t} (email, {c}) values ('new@x', array[1])", needs: ['any-value'] },
    },
  ),
  ...writes(
    'insert',
    { needs: ['number', 'single'] },
    {
      'arithmetic of a parameter': { sql: "insert into {t} (email, {c}) values ('new@x', 300 + $1)", values: [5] },
      'a string literal': "insert into {t} (email, {c}) values ('new@x', '321')",
      'string with spaces': "insert into {t} (email, {c}) values ('new@x', ' 321 ')",
      'not a number: an error': "insert into {t} (email, {c}) values ('new@x', 'abc')",
      'fraction rounds': "insert into {t} (email, {c}) values ('new@x', 321.5)",
      'float parameter expression': {
        sql: "insert into {t} (email, {c}) values ('new@x', $1::float8 * 2)",
        values: [160.75],
      },
      'number for the age and the column': {
        sql: "insert into {t} (email, age, {c}) values ('new@x', $1::int, $1::int)",
        values: [333],
      },
    },
  ),
  ...writes(
    'insert select',
    {},
    {
      'from another table': "insert into {t} (email, {cols}) select title || '@p', {all:n1} from posts where id = 5",
      'from the table': {
        sql: "insert into {t} (email, {cols}) select email || '2', {cols} from {t} where {id} > 3",
        without: ['unique', 'key'],
      },
      'from the table, star of a sub-select': {
        sql: "insert into {t} (email, {cols}) select x.* from (select email || '2', {cols} from {t} where {id} > 3) x",
        without: ['unique', 'key'],
      },
      'with an order and a limit': {
        sql: "insert into {t} (email, {cols}) select email || '2', {cols} from {t} order by {id} limit 2 returning {id}, {c}",
        without: ['unique', 'key'],
      },
      union: { sql: "insert into {t} (email, {cols}) select 'n1@x', {all:n1} union all select 'n2@x', {all:n2}" },
      with: "with src as (select 'n1@x' as e) insert into {t} (email, {cols}) select e, {all:n1} from src returning {c}",
      'with inside': {
        sql: "insert into {t} (email, {cols}) with src as (select * from {t} where {id} = 4) select email || '2', {cols} from src",
        without: ['unique', 'key'],
      },
      'from values': "insert into {t} (email, {cols}) select * from (values ('n1@x', {all:n1})) v",
      'parameter in the list': {
        sql: "insert into {t} (email, {c}) select email || '2', $1 from {t} where {id} = 1",
        values: ['{raw:n1}'],
        needs: ['single'],
      },
      'where on the column': {
        sql: "insert into {t} (email, {cols}) select email || '2', {all:n1} from {t} where {c} = {v2} limit 1",
      },
      'the column left out': {
        sql: 'insert into {t} (email, age) select title || id, score from posts where id < 4',
        without: ['volatile-default'],
      },
      'group by':
        'insert into posts (title, score) select {c}::text, count(*) from {t} where {c} is not null group by {c} order by {c}',
      'generated rows': {
        sql: "insert into {t} (email, {cols}) select 'g' || n, {all:n1} from generate_series(1, 3) n",
        without: ['unique', 'key'],
      },
      'nothing to insert': "insert into {t} (email, {cols}) select 'x', {all:n1} where false returning *",
    },
  ),
  ...writes(
    'insert select',
    { needs: ['peers'] },
    {
      'like-named columns': {
        sql: 'insert into {t} (email, {cols}) select title || id, {cols} from {peer} where id in (3, 4)',
        without: ['unique'],
      },
      'like-named star': { sql: 'insert into {peer} (title, {cols}) select email, {cols} from {t} where {id} < 3' },
    },
  ),
  ...writes(
    'overriding',
    { needs: ['plain-key'], without: ['key'] },
    {
      'system value':
        "insert into {t} ({id}, email, {cols}) overriding system value values (50, 'new@x', {all:n1}) returning {id}, {c}",
      'user value':
        "insert into {t} ({id}, email, {cols}) overriding user value values (50, 'new@x', {all:n1}) returning {id}, {c}",
      'not overriding': "insert into {t} ({id}, email, {cols}) values (50, 'new@x', {all:n1}) returning {id}",
      'default id': "insert into {t} ({id}, email, {cols}) values (default, 'new@x', {all:n1}) returning {id}",
      select: "insert into {t} ({id}, email, {cols}) overriding system value select 50, 'new@x', {all:n1}",
    },
  ),
  ...writes(
    'insert by key',
    { needs: ['key'] },
    {
      'explicit key': "insert into {t} ({id}, email) values (77, 'new@x') returning {id}, *",
      'key by default': "insert into {t} ({id}, email) values (default, 'new@x') returning {id}",
      'key left out': "insert into {t} (email) values ('new@x') returning {id}",
      'key left out, many rows': "insert into {t} (email) values ('n1@x'), ('n2@x'), ('n3@x') returning {id}, email",
      'key left out, select': 'insert into {t} (email) select title || id from posts where id < 3 returning {id}',
      nextval: "insert into {t} ({id}, email) values (nextval('users_id_seq'), 'new@x') returning {id}",
      'currval after': {
        sql: [
          "insert into {t} (email) values ('new@x')",
          "select currval('users_id_seq'), lastval()",
          "insert into posts (author_id, title) values (currval('users_id_seq'), 't') returning author_id",
        ],
      },
      'duplicate key: an error': "insert into {t} ({id}, email) values (1, 'new@x')",
      'key out of range of int4': {
        sql: "insert into {t} ({id}, email) values (99999999999, 'new@x')",
        tolerates: [
          {
            ...{ twin: 'succeeds', here: '22003', app: 'new', kinds: ['int4-to-int8-key'] },
            why: 'An application of the new side writes what the old column cannot hold: refused while that is written too.',
          },
        ],
      },
      'referencing row':
        "with u as (insert into {t} (email) values ('new@x') returning {id}) insert into posts (author_id, title) select {id}, 'hello' from u returning author_id",
    },
  ),
  ...writes(
    'defaults',
    { needs: ['default'] },
    {
      'left out': "insert into {t} (email) values ('new@x') returning {c}, email",
      'DEFAULT returning star': "insert into {t} (email, {c}) values ('new@x', default) returning *",
      'update to DEFAULT': 'update {t} set {c} = default where {id} = 1 returning {c}',
      'update several to DEFAULT':
        'update {t} set ({c}, age) = row(default, default) where {id} = 1 returning {c}, age',
      'null is refused': "insert into {t} (email, {c}) values ('new@x', null)",
      'default beside a select': 'insert into {t} (email) select title || id from posts where id < 3 returning {c}',
    },
  ),
  ...writes(
    'volatile defaults',
    { needs: ['volatile-default'], shapeOnly: true },
    {
      'left out': "insert into {t} (email) values ('new@x') returning {c} is not null as ok",
      DEFAULT: "insert into {t} (email, {c}) values ('new@x', default) returning {c}",
      'DEFAULT in some rows':
        "insert into {t} (email, {c}) values ('n1@x', default), ('n2@x', {n1}), ('n3@x', default) returning {c}",
      'left out, select': 'insert into {t} (email) select title || id from posts returning {c}',
      'update to DEFAULT': 'update {t} set {c} = default where {id} < 4 returning {c}',
      'every row its own': {
        sql: [
          "insert into {t} (email) values ('n1@x'), ('n2@x'), ('n3@x')",
          "select count(distinct {c}) from {t} where email like 'n%'",
        ],
      },
      'on conflict': {
        sql: "insert into {t} (email) values ('ada@x'), ('n1@x') on conflict (email) do update set {c} = excluded.{c} returning {c}",
      },
    },
  ),
]
