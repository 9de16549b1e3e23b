import { reads } from '../example.ts'
import type { Tolerance } from '../tolerance.ts'

const ROW_TYPE: readonly Tolerance[] = [
  { reason: 'row-type', why: "The table's own row type has the physical columns." },
]

/** What no other example has a migrating column in, a whole row or the type of one; `covered-kinds.test.ts` says what is missing. */
export const kinds = [
  ...reads(
    'kinds of expressions',
    {},
    {
      'tests of booleans':
        'select {id}, ({c} = {v1}) is true, ({c} = {v1}) is not false, ({c} > {v2}) is unknown from {t} order by {id}',
      'where a test of a boolean': 'select {id} from {t} where ({c} = {v1}) is not true order by {id}',
      'an element by the column':
        'select tags[length({c}::text) - 2], tags[1:length({c}::text)] from {t} order by {id}',
      'a named argument':
        "select jsonb_path_query_first(target => to_jsonb({c}), path => '$') as v, make_interval(days => length({c}::text)) from {t} order by {id}",
      'a named argument with :=': 'select make_interval(hours := length(u.{c}::text)) from {t} u order by u.{id}',
      'a named argument that is a row':
        "select jsonb_path_query_first(target => to_jsonb(u) - 'meta', path => '$') from {t} u order by u.{id}",
      'a named argument of a row function':
        'select make_interval(days => (select count(*)::int from jsonb_object_keys(to_jsonb(u)))) from {t} u order by u.{id}',
      'least and greatest':
        'select least({c}, {v1}), greatest({c}, {v2}) as most, greatest(length({c}::text), 3) from {t} order by {id}',
      'the column in a frame':
        'select count(*) over (order by {id} rows between length({c}::text) preceding and current row) from {t} order by {id}',
      'window definitions':
        'select {id}, count(*) over w, first_value({c}) over (w order by {id}) from {t} window w as (partition by {c}) order by {id}',
    },
  ),
  ...reads(
    'XML',
    {},
    {
      concatenated:
        'select xmlconcat(xmlelement(name a, {c}), xmlelement(name b, u.{c}))::text from {t} u order by {id}',
      element: 'select xmlelement(name x, {c})::text as x from {t} order by {id}',
      'attributes with names':
        'select xmlelement(name x, xmlattributes({c} as c, u.{c} as d), email)::text from {t} u order by {id}',
      'attributes named by the column':
        'select xmlelement(name x, xmlattributes({c}, email))::text from {t} order by {id}',
      'attributes named by the column of a table':
        'select xmlelement(name x, xmlattributes(u.{c}))::text from {t} u order by {id}',
      forest: 'select xmlforest({c} as c, email as e)::text from {t} order by {id}',
      'a forest named by the column':
        'select xmlforest({c})::text, xmlforest(email, u.{c})::text from {t} u order by {id}',
      'a forest named by the column in brackets': 'select xmlforest(({c}))::text from {t} order by {id}',
      'a forest in an aggregate': 'select xmlagg(xmlforest(u.{c}, u.{id}) order by u.{id})::text from {t} u',
      'a forest in a sub-select':
        'select x.v::text from (select xmlforest({c}) as v, {id} as k from {t}) x order by x.k',
      'a forest without a column: an error': 'select xmlforest({c}::text) from {t} order by {id}',
      'a forest of all columns': 'select xmlforest(u.*)::text from {t} u order by {id}',
      'a forest of rows': 'select xmlforest(u)::text from {t} u order by {id}',
      'processing instruction': 'select xmlpi(name x, {c}::text)::text from {t} where {id} = 1',
      parsed: "select xmlparse(content '<a>' || length({c}::text) || '</a>')::text from {t} order by {id}",
      root: "select xmlroot(xmlelement(name x, {c}), version '1.0', standalone yes)::text from {t} order by {id}",
      'is document': 'select xmlelement(name x, {c}) is document from {t} order by {id}',
      serialized: 'select xmlserialize(content xmlelement(name x, {c}) as text) from {t} order by {id}',
      exists: 'select xmlexists(\'//x[. != ""]\' passing by ref xmlelement(name x, {c})) from {t} order by {id}',
      'xmltable of the column':
        "select u.{id}, x.* from {t} u, xmltable('/r' passing xmlelement(name r, xmlelement(name a, u.{c})) columns a text path 'a', n int path 'nope' default length({c}::text)) x order by u.{id}",
      'xmltable with a path and rows of the column':
        "select u.{id}, x.a from {t} u, lateral xmltable(('/r' || repeat('/q', length({c}::text) * 0)) passing xmlparse(document '<r><a>1</a></r>') columns a int path left('a' || {c}::text, 1)) x order by u.{id}",
      'xmltable with namespaces':
        "select u.{id}, x.a from {t} u, xmltable(xmlnamespaces('http://x' as x), '/x:r' passing xmlparse(document '<r xmlns=\"http://x\"><a>1</a></r>') columns a int path 'x:a') x where u.{c} is not null order by u.{id}",
    },
  ),
  ...reads(
    'JSON of the standard',
    { since: 16 },
    {
      object: "select json_object('k': {c}, email: u.{c} returning jsonb) from {t} u order by {id}",
      'object with the column as key':
        'select json_object({c}::text: 1 absent on null) from {t} where {c} is not null order by {id}',
      'object of a row': "select json_object('u': u returning jsonb) from {t} u order by {id}",
      array: 'select json_array({c}, email, {c} null on null) from {t} order by {id}',
      'array of a query': 'select json_array(select {c} from {t} order by {id} returning jsonb)',
      'array of a query that is correlated':
        'select json_array(select v.{c} from {t} v where v.{c} = u.{c}) from {t} u order by {id}',
      'array of rows': 'select json_array(u, u returning jsonb) from {t} u order by {id}',
      'aggregate of objects': 'select json_objectagg(email: {c} returning jsonb) from {t}',
      'aggregate of objects by the column': 'select json_objectagg({c}: {id}) filter (where {id} = 1) from {t}',
      'aggregate of arrays':
        'select json_arrayagg({c} order by {c}, {id} null on null) filter (where {c} is not null) from {t}',
      'aggregate of arrays of rows': 'select json_arrayagg(u order by u.{id} returning jsonb) from {t} u',
      'aggregate in a window':
        'select {id}, json_arrayagg({id} returning jsonb) over (partition by {c} order by {id}) from {t} order by {id}',
      'is JSON':
        'select {c}::text is json, to_json({c})::text is json scalar, {c}::text is not json object from {t} order by {id}',
    },
  ),
  ...reads(
    'JSON of the standard',
    { since: 17 },
    {
      parsed: 'select json(to_json({c})::text) from {t} where {c} is not null order by {id}',
      scalar: 'select json_scalar({c}) from {t} order by {id}',
      'scalar of a row': 'select json_scalar(u)::text from {t} u order by {id}',
      serialized: 'select json_serialize(to_json({c}) returning text) from {t} order by {id}',
      'serialized row': 'select json_serialize(to_json(u) returning text) from {t} u order by {id}',
      value: "select json_value(to_jsonb({c}), '$'), json_value(to_jsonb(u), '$.email') from {t} u order by {id}",
      'value with a default: an error': {
        sql: "select json_value('{}', '$.a' default length({c}::text)::text on empty) from {t} order by {id}",
        needs: ['any-value'],
      },
      'value with a variable':
        "select json_value('[1]', '$[*] ? (@ < $x)' passing length({c}::text) as x returning int) from {t} order by {id}",
      'value by a path of the column':
        "select json_value('{\"a\": 1}', ('$.' || left('a' || {c}::text, 1))::jsonpath) from {t} order by {id}",
      query:
        "select json_query(to_jsonb({c}), '$' with wrapper), json_query('[1]', '$' passing {c} as x) from {t} order by {id}",
      exists: "select {id} from {t} where json_exists(to_jsonb({c}), '$ ? (@ != $x)' passing email as x) order by {id}",
      'json_table of the column':
        "select u.{id}, j.* from {t} u, json_table(json_array(u.{c}), '$[*]' passing {c} as x columns (v text path '$', n for ordinality)) j order by u.{id}",
      'json_table with a default: an error': {
        sql: "select u.{id}, j.* from {t} u, json_table('[1]', '$[*]' columns (v text path '$.a' default length({c}::text)::text on empty)) j order by u.{id}",
        needs: ['any-value'],
      },
      'json_table of a row':
        "select u.{id}, j.* from {t} u, json_table(to_jsonb(u), '$' columns (e text path '$.email', n for ordinality)) j order by u.{id}",
      'json_table of rows of the table by its name':
        "select {t}.{id}, j.* from {t}, json_table(json_array({t}, {t}.{c}), '$[*]' columns (e text path '$.email')) j order by 1, 2",
      'json_table, with nested columns':
        "select u.{id}, j.* from {t} u, json_table(json_array(json_array(u.{c})), '$[*]' columns (n for ordinality, nested path '$[*]' columns (v text path '$'))) j order by u.{id}",
    },
  ),
  ...reads(
    'types of rows',
    { needs: ['public'] },
    {
      'in a list of definitions': {
        sql: `select (x.r).email from jsonb_to_record('{"r": {"email": "a"}}') as x(r {t})`,
        tolerates: ROW_TYPE,
      },
      'in rows from': {
        sql: `select (r).email from rows from (jsonb_to_record('{"r": {"email": "a"}}') as (r {t})) as x`,
        tolerates: ROW_TYPE,
      },
      xmltable: {
        tolerates: ROW_TYPE,
        sql: "select (x.r).email, x.n from xmltable('/r' passing xmlparse(document '<r/>') columns r {t} path 'nope', n for ordinality) x",
      },
      'an array of them': { sql: "select null::{t}[], cardinality('{}'::{t}[])", tolerates: ROW_TYPE },
      populated: { sql: `select email from jsonb_populate_record(null::{t}, '{"email": "a"}')`, tolerates: ROW_TYPE },
      'serialized: an error': {
        sql: "select xmlserialize(content xmlparse(content '<a/>') as {t})",
        tolerates: ROW_TYPE,
      },
    },
  ),
  ...reads(
    'types of rows',
    { needs: ['public'], since: 17 },
    {
      json_query: { sql: `select (json_query('{"email": "a"}', '$' returning {t})).email`, tolerates: ROW_TYPE },
      json_value: { sql: `select json_value('{"email": "a"}', '$' returning {t} null on error)`, tolerates: ROW_TYPE },
      json_table: {
        sql: `select (r).email from json_table('[{"email": "a"}]', '$[*]' columns (r {t} path '$')) j`,
        tolerates: ROW_TYPE,
      },
      'json_object: an error': { sql: "select json_object('a': 1 returning {t})", tolerates: ROW_TYPE },
    },
  ),
]
