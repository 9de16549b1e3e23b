import { changeColumnType, splitColumn } from '@expand-contract/core'
import { type Example, reads, writes } from '../example.ts'
import type { Tolerance } from '../tolerance.ts'
import { FLAG, type Scenario } from './scenario.ts'

const NO_FIELDS: readonly Tolerance[] = [
  { reason: 'field-of-row', why: 'A value that is written out is a record, whose fields nobody can name.' },
]
const OWN_TYPE: readonly Tolerance[] = [
  { reason: 'whole-row-in-function', why: 'The function takes rows of the table as they are stored.' },
]

/** Functions that return rows of migrating tables, in SQL and PL/pgSQL, one or many, also a row that is not there. */
const FUNCTIONS = `
  create function all_t() returns setof t language sql stable as 'select * from t order by id';
  create function one_t(n int) returns t language sql stable as 'select * from t where id = n';
  create function many_t(lo int, hi int default 100) returns setof t language plpgsql as
    $f$ declare r t; begin for r in select * from t where id between lo and hi order by id loop return next r; end loop; end $f$;
  create function out_t(n int, out found t) language plpgsql as $f$ begin select * into found from t where id = n; end $f$;
  create function variadic_t(variadic ns int[]) returns setof t language sql stable as 'select * from t where id = any (ns) order by id';
  create function titled(title text) returns setof t language sql stable as 'select * from t where c = title';
  create function p_of(n int) returns p language sql stable as 'select * from p where id = n';
  create function p_all() returns setof p language sql stable as 'select * from p order by id';
  create function text_of(r t) returns text language sql immutable as $f$ select (r).b || (r).c $f$;
  create function scalar(n int) returns int language sql immutable as 'select n + 1';
  create function numbers() returns table (n int, m text) language sql immutable as $f$ select 1, 'one' union select 2, 'two' $f$`

const TABLES = `
  create table t (id int primary key, a int, b varchar(30), c text);
  insert into t values (1, 10, 'x', 'one'), (2, null, 'y', null), (3, 30, null, 'three');
  create table p (id int primary key, person text, note text);
  insert into p values (1, 'ada lovelace', 'n'), (2, null, null);
  create table copies (id int, a int, b text, c text)`

const T = (a: string): string => `select id, ${a}, b, c from t`
const COPIES = 'select * from copies'

export const rowFunctions: Scenario = {
  name: 'functions that return rows',
  app: 'old',
  migrations: [
    changeColumnType({ table: 't', from: 'a', fromType: 'integer', to: 'a_ec', type: 'bigint', flag: FLAG }),
    splitColumn({
      ...{ table: 'p', from: 'person', fromType: 'text', to: { first: 'text', last: 'text' }, flag: `${FLAG}-p` },
      forward: { first: "split_part(person, ' ', 1)", last: "substr(person, strpos(person, ' ') + 1)" },
      backward: "first || ' ' || last",
    }),
  ],
  twin: `${TABLES}; ${FUNCTIONS}`,
  steps: {
    both: `alter table t add a_ec bigint; update t set a_ec = a; alter table p add first text, add last text;
      update p set first = split_part(person, ' ', 1), last = substr(person, strpos(person, ' ') + 1)`,
    new: 'alter table t drop a; alter table p drop person',
  },
  reading: { twin: [T('a'), COPIES], old: [T('a'), COPIES], new: [T('a_ec::int as a'), COPIES] },
  outOfStep: ['select id from t where a_ec is distinct from a'],
  examples: [...inFrom(), ...inLists(), ...inJson(), ...asFields(), ...inWrites()],
}

function inFrom(): readonly Example[] {
  return reads(
    'functions in from',
    {},
    {
      star: 'select * from all_t()',
      columns: 'select a, b from all_t() where a > 5',
      'one row': 'select * from one_t(1)',
      'a row that is not there': 'select * from one_t(99)',
      'with a parameter': { sql: 'select a, x.* from one_t($1) x', values: [1] },
      'with a schema': 'select all_t.a from public.all_t()',
      'with an alias': 'select x.a, x.* from all_t() as x',
      'column aliases': 'select p, q, r, s from all_t() as x (p, q, r, s)',
      'some column aliases': 'select q, c from all_t() x (p, q)',
      'PL/pgSQL': 'select * from many_t(2)',
      'PL/pgSQL, two arguments': 'select a from many_t(1, 2) order by a',
      'out parameter': 'select * from out_t(3)',
      variadic: 'select * from variadic_t(1, 3)',
      'variadic array': "select * from variadic_t(variadic '{2}')",
      'with ordinality': 'select * from all_t() with ordinality',
      'with ordinality, aliases': 'select q, n from all_t() with ordinality as x (p, q, r, s, n) order by n',
      'with ordinality, an alias': 'select x.ordinality, x.a from all_t() with ordinality x',
      'rows from': 'select * from rows from (all_t())',
      'rows from two': 'select * from rows from (all_t(), generate_series(1, 4)) with ordinality',
      'rows from two, aliases': 'select x.q, x.n from rows from (all_t(), generate_series(1, 2)) x (p, q, r, s, n)',
      'rows from two of them': 'select x.* from rows from (many_t(1), all_t()) x',
      'rows from, defined': 'select * from rows from (json_to_recordset(\'[{"n": 1}]\') as (n int), all_t()) x',
      lateral: 'select t.id, x.a, x.c from t, lateral one_t(t.id) x order by t.id',
      'lateral without the word': 'select t.a, x.* from t cross join one_t(t.id) x order by t.id',
      'left join': 'select t.id, x.* from t left join many_t(2, 2) x on x.id = t.id order by t.id',
      'left join lateral': 'select v.n, x.* from (values (1), (99)) v(n) left join lateral many_t(v.n, v.n) x on true',
      'join using': 'select * from all_t() x join all_t() y using (id, a)',
      'join using with the table': 'select * from t join many_t(1) x using (id) order by id',
      natural: 'select * from t natural join all_t() x order by id',
      'as a row': 'select x::text, to_json(x)::text from all_t() x',
      'row in a function': 'select row_to_json(x)::text from one_t(1) x',
      'fields of the row': 'select (x).a, (x).c from all_t() x',
      count: 'select count(*), sum(a), count(x.a) from all_t() x',
      'group by': 'select a, count(*) from all_t() group by a order by a',
      'order by': 'select id from all_t() order by a desc nulls last',
      'sub-select': 'select id, (select x.a from one_t(t.id) x) from t order by id',
      exists: 'select id from t where exists (select from many_t(t.id, t.id) x where x.a = 30)',
      in: 'select id from t where a in (select a from all_t()) order by id',
      union: 'select * from all_t() union all select * from t',
      'common table expression': 'with x as (select * from all_t()) select * from x',
      'common table expression, renamed': 'with x (p, q) as (select * from all_t()) select * from x',
      'of a nested call': 'select * from one_t(scalar(1))',
      'of a sub-select': 'select * from one_t((select min(id) from t where a is not null))',
      'beside others': 'select * from numbers() n, many_t(n.n, n.n) x order by n.n',
      'a split column': 'select * from p_all()',
      'a split column, one row': 'select person, note from p_of(1)',
      'a split column that is not there': 'select * from p_of(99)',
      'a split column, aliases': 'select y from p_all() as x (w, y)',
      'the others': 'select * from numbers() x, scalar(1) s',
      'values of the row': 'select * from (select a, c from all_t()) x where a is not null',
      'a name that is not there': 'select nope from all_t()',
      'a column of ours': 'select x.ordinality from all_t() x',
    },
  )
}

function inLists(): readonly Example[] {
  return reads(
    'functions in lists',
    {},
    {
      star: 'select (one_t(1)).*',
      'star of many': 'select (all_t()).*',
      'star beside': 'select 1 as one, (all_t()).*, 2 as two',
      'star of a row that is not there': 'select (one_t(99)).*',
      'star of a parameter': { sql: 'select (one_t($1)).*', values: [1] },
      'star of each row': 'select t.id, (one_t(t.id)).* from t order by t.id',
      'star in a sub-select': 'select x.a, x.* from (select (all_t()).*) x',
      'star in a sub-select, aliases': 'select q from (select (all_t()).*) x (p, q)',
      'star in brackets': 'select ((one_t(1))).*',
      field: 'select (one_t(1)).a, (one_t(1)).c',
      'field of many': 'select (all_t()).a',
      'field with a name': 'select (one_t(1)).a as x, (one_t(2)).b y',
      'field of an expression': 'select (one_t(1)).a + 1 as x, (one_t(scalar(2))).b',
      'field in where': 'select id from t where (one_t(id)).a = a order by id',
      'field in order by': 'select id from t order by (one_t(id)).a desc nulls last',
      'field of a row that is not there': 'select (one_t(99)).a is null as gone',
      value: 'select one_t(1)',
      'value with a name': 'select one_t(2) as x',
      'value that is not there': 'select one_t(99)',
      'value as text': 'select one_t(1)::text',
      'value as JSON': 'select to_jsonb(one_t(1))::text, row_to_json(one_t(2))::text',
      'values in an aggregate': 'select jsonb_agg(one_t(id) order by id)::text from t',
      'is null': 'select one_t(99) is null as a, one_t(1) is null as b, one_t(1) is not null as c',
      'row of it': 'select row((one_t(1)).*)::text',
      'values in an array': 'select array[one_t(1), one_t(2)]::text',
      'a value by its place': 'select (array[one_t(1), one_t(2)])[2]',
      'the first value that is there': 'select coalesce(one_t(1), one_t(2)), coalesce(one_t(99), one_t(2))::text',
      'values of a case':
        'select case when true then one_t(1) end, case id when 1 then one_t(1) else one_t(2) end::text from t order by id',
      'values in rows': 'select row(one_t(1), 2), row(one_t(1), 2)::text',
      'values compared':
        'select one_t(1) = one_t(1), one_t(1) < one_t(2), one_t(1) is distinct from one_t(2), one_t(1) in (one_t(2), one_t(1))',
      'values compared with the table': 'select id from t where one_t(id) = t order by id',
      'a value compared with a row': "select one_t(1) = row(1, 10, 'x'::varchar(30), 'one'::text)",
      'least of the values': 'select least(one_t(1), one_t(2)), nullif(one_t(1), one_t(2))',
      'values as XML': 'select xmlforest(one_t(1) as a)::text, xmlelement(name x, one_t(1))::text',
      'a value in a string': "select one_t(1) || 'x', concat(one_t(1), 'x'), format('%s', one_t(1))",
      'a value of a sub-select': 'select (select one_t(1)), exists (select one_t(1))',
      'ordered by values': 'select id from t order by one_t(id)',
      'grouped by values': 'select one_t(1) as x, count(*) from t group by x',
      'distinct values': 'select distinct one_t(id - id + 1) from t',
      'a union of values': 'select one_t(1) union all select one_t(2)',
      'a list of values': 'select * from (values (one_t(1)), (one_t(2))) x(r)',
      'given to a function of rows':
        'select text_of(one_t(1)), text_of(r => one_t(2)), text_of(coalesce(one_t(99), one_t(1))), text_of(case when true then one_t(1) end)',
      'split values in an array': 'select array[p_of(1), p_of(2)]::text, coalesce(p_of(99), p_of(1))::text',
      'split star': 'select (p_of(1)).*',
      'split star of many': 'select (p_all()).*',
      'split field': 'select (p_of(1)).person, (p_of(2)).person',
      'split field of each row': 'select (p_of(p.id)).person, p.person from p order by p.id',
    },
  )
}

function inJson(): readonly Example[] {
  return [
    ...reads(
      'functions in JSON of the standard',
      { since: 16 },
      {
        constructors: "select json_array(one_t(1), 2)::text, json_object('a': one_t(2), 'b': p_of(1))::text",
        aggregates:
          'select json_arrayagg(one_t(id) order by id)::text, json_objectagg(id: one_t(id) returning text) from t',
      },
    ),
    ...reads('functions in JSON of the standard', { since: 17 }, { scalar: 'select json_scalar(one_t(1))::text' }),
  ]
}

function asFields(): readonly Example[] {
  return reads(
    'fields of values',
    {},
    {
      'of an array': { sql: 'select ((array[one_t(1)])[1]).a', tolerates: NO_FIELDS },
      'of a common table expression': {
        sql: 'with w as (select one_t(1) as r) select (r).a from w',
        tolerates: NO_FIELDS,
      },
      'of the first value': { sql: 'select (coalesce(one_t(99), one_t(1))).a', tolerates: NO_FIELDS },
      'of the table, in a function of rows': {
        sql: 'select text_of(r => t), text_of(t) from t order by id',
        tolerates: OWN_TYPE,
      },
      'of the table, in a value in a function of rows': {
        sql: 'select text_of(coalesce(t, one_t(1))) from t order by id',
        tolerates: OWN_TYPE,
      },
    },
  )
}

function inWrites(): readonly Example[] {
  return [
    ...writes(
      'functions in writes',
      {},
      {
        'insert select star': 'insert into copies select * from all_t()',
        'insert select a call': 'insert into copies select (all_t()).*',
        'insert into the table': 'insert into t select id + 10, a, b, c from all_t() returning *',
        'insert star into the table':
          'insert into t select x.* from (select id + 20, a, b, c from many_t(2)) x returning *',
        'update from': 'update t set a = x.a + 1, c = x.b from all_t() x where x.id = t.id returning t.*, x.a',
        'update copies from': 'update copies set a = x.a from one_t(1) x',
        'delete using': 'delete from t using one_t(3) x where x.a = t.a returning *',
        'a value of it': 'update t set a = (select x.a from one_t(1) x) where id = 2 returning *',
        'a field of it': 'update t set a = (one_t(1)).a where id = 2 returning *',
        'insert values': 'insert into copies (a, c) values ((one_t(1)).a, (one_t(3)).c)',
        'create table as': {
          sql: ['create temp table made as select * from all_t()', 'select * from made order by id'],
        },
        prepare: {
          sql: ['prepare f1 as select * from one_t($1)', 'execute f1(1)', 'execute f1(99)', 'deallocate f1'],
        },
        cursor: { sql: ['declare cur cursor for select * from all_t()', 'fetch all from cur', 'close cur'] },
      },
    ),
    ...writes(
      'functions in merge',
      { since: 15 },
      {
        using:
          'merge into t using many_t(2) x on x.a = t.a when matched then update set a = x.a + 1 when not matched then insert (id, a, c) values (x.id + 50, x.a, x.c)',
      },
    ),
  ]
}
