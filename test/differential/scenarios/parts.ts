import { changeColumnType, renameColumn } from '@expand-contract/core'
import { type Example, writes } from '../example.ts'
import type { Tolerance } from '../tolerance.ts'
import { FLAG, type Scenario } from './scenario.ts'

const TABLES = `
  create table t (id int primary key, a int, b varchar(30), c text, tags text[], doc jsonb, grid int[], big int[]);
  insert into t values (1, 10, 'x', 'one', '{p,q}', '{"k": 1, "n": {"m": 2}, "list": [1, 2]}', '{{1,2},{3,4}}', '{1}'),
    (2, null, 'y', null, null, null, null, null), (3, 30, null, 'three', '{}', '{}', '{}', '{}'),
    (4, 40, 'z', 'four', '[2:3]={r,s}', '{"k": null}', '[0:0][0:1]={{7,8}}', '{1,2,3}')`

const NOT_TWICE: readonly Tolerance[] = [
  {
    reason: 'subscript-assignment',
    why: 'A part is written to both columns as it stands, and this one cannot stand twice.',
  },
]

const reading = (a: string, tags: string, doc: string, grid: string): readonly string[] => [
  `select id, ${a}, b, c, ${tags}, ${doc}, ${grid} from t`,
]

/** Values that are assigned in parts, or in rows. */
export const parts: Scenario = {
  name: 'parts and rows',
  app: 'old',
  migrations: [
    changeColumnType({
      table: 't',
      from: 'a',
      fromType: 'integer',
      to: 'a_ec',
      type: 'bigint',
      after: 'id',
      flag: FLAG,
    }),
    renameColumn({ table: 't', from: 'tags', to: 'labels', type: 'text[]', after: 'c', flag: `${FLAG}-tags` }),
    renameColumn({ table: 't', from: 'doc', to: 'data', type: 'jsonb', after: 'c', flag: `${FLAG}-doc` }),
    renameColumn({ table: 't', from: 'grid', to: 'cells', type: 'int[]', after: 'c', flag: `${FLAG}-grid` }),
  ],
  twin: TABLES,
  steps: {
    both: `alter table t add a_ec bigint, add labels text[], add data jsonb, add cells int[];
      update t set a_ec = a, labels = tags, data = doc, cells = grid`,
    new: 'alter table t drop a, drop tags, drop doc, drop grid',
  },
  reading: {
    twin: reading('a', 'tags', 'doc', 'grid'),
    old: reading('a', 'tags', 'doc', 'grid'),
    new: reading('a_ec', 'labels', 'data', 'cells'),
  },
  outOfStep: ['select id from t where (a_ec, labels, data, cells) is distinct from (a::bigint, tags, doc, grid)'],
  examples: [...inParts(), ...inRows(), ...fromFunctions()],
}

function inParts(): readonly Example[] {
  return writes(
    'parts',
    {},
    {
      'an element': "update t set tags[1] = 'new' returning id, tags",
      'another element': "update t set tags[4] = 'new' where id = 1 returning tags",
      'an element below': "update t set tags[0] = 'new' where id <> 3 returning tags",
      'several elements': "update t set tags[1] = 'n1', b = 'b', tags[2] = c returning *",
      'an element and others': 'update t set a = a + 1, tags[1] = b, c = $$x$$ where id < 4 returning t.*',
      'a slice': "update t set tags[1:2] = '{s1,s2}' returning tags",
      'a slice of another': 'update t set tags[1:1] = array[c] where id = 1 returning tags',
      'an element of a row': 'update t set tags[id] = c where id in (1, 2) returning tags',
      'by parameters': { sql: 'update t set tags[$1] = $2 where id = $3 returning tags', values: [2, 'new', 1] },
      'an element of a grid': 'update t set grid[1][2] = 9 where id < 4 returning grid',
      'an element of NULL': 'update t set grid[2][2] = 9 where id = 2 returning grid',
      'too many subscripts': 'update t set tags[1][1] = $$x$$ where id = 1',
      'an element of another column': 'update t set big[1] = 5 returning big',
      'NULL as an element': 'update t set tags[1] = null returning tags',
      'an element from':
        "update t set tags[1] = v.x from (values (1, 'from')) v(id, x) where v.id = t.id returning tags",
      'on conflict':
        "insert into t (id, tags) values (1, '{e}') on conflict (id) do update set tags[1] = excluded.tags[1] returning tags",
      'a value that may not stand twice': {
        sql: 'update t set tags[1] = md5(random()::text) where false',
        tolerates: NOT_TWICE,
      },
      'a key': `update t set doc['k'] = '"new"' returning doc`,
      'a key of a key': `update t set doc['n']['m'] = '3' where id <> 4 returning doc`,
      'a key of a key that is not there': `update t set doc['x']['y'] = '{"z": 1}' returning doc`,
      'several keys': `update t set doc['k'] = '1', doc['l'] = to_jsonb(c), doc['n']['o'] = 'true' returning doc`,
      'a key, quoted': `update t set doc['it''s'] = to_jsonb(id) returning doc`,
      'NULL as a key': `update t set doc['k'] = null returning doc`,
      'a parameter as a key': { sql: `update t set doc['k'] = $1 where id = 1 returning doc`, values: ['{"a":1}'] },
      'a key of a scalar': `update t set doc['k']['z'] = '1' where id = 1`,
      'a key of no type': `update t set doc['k'] = 5 where id = 1`,
      'a place of an array': {
        sql: `update t set doc['list'][0] = '9' where id = 1 returning doc`,
        tolerates: NOT_TWICE,
      },
      'a key that is computed': {
        sql: `update t set doc['k' || id] = '9' where id = 1 returning doc`,
        tolerates: NOT_TWICE,
      },
      'inserted elements':
        "insert into t (id, tags[1], tags[2], a) values (11, 'a', 'b', 1), (12, 'x', null, 2) returning *",
      'an inserted element far away':
        "insert into t (tags[3], id, grid[1][1]) values ('z', 11, 5) returning tags, grid",
      'an inserted key': `insert into t (id, doc['k'], doc['l']) values (11, '1', to_jsonb(2)) returning doc`,
      'inserted elements of a query': {
        sql: "insert into t (id, b, tags[1]) select 11, 'b', c from t where id = 1 returning *",
        tolerates: NOT_TWICE,
      },
      'an inserted value that may not stand twice': {
        sql: "insert into t (id, tags[1]) values (11, case when random() < 2 then 'x' end) returning tags",
        tolerates: NOT_TWICE,
      },
      'inserted on conflict':
        "insert into t (id, tags[1]) values (1, 'a') on conflict (id) do update set tags = excluded.tags returning tags",
      'a part in a row': {
        sql: `update t set (tags[1], b) = ('r', 's') where id = 1 returning tags, b`,
        tolerates: NOT_TWICE,
      },
    },
  )
}

function inRows(): readonly Example[] {
  return writes(
    'rows with stars',
    {},
    {
      star: 'update t set (a, b) = row(v.*) from (values (5, $$v$$)) v(x, y) where t.id = 1 returning t.*',
      'star and more':
        'update t set (a, b, c) = row(v.*, $$more$$) from (values (5, $$v$$)) v(x, y) where t.id = 1 returning t.*',
      'more and star':
        'update t set (c, a, b) = row(t.id::text || t.c, v.*) from (values (5, $$v$$)) v(x, y) where t.id < 3 returning t.*',
      'without ROW':
        'update t set (c, a, b) = ($$c$$, v.*) from (values (5, $$v$$)) v(x, y) where t.id = 1 returning t.*',
      'a parameter beside': {
        sql: 'update t set (a, b, c) = row($1, v.*) from (values ($$u$$, $$v$$)) v(x, y) where t.id = 1 returning t.*',
        values: [77],
      },
      'of a join':
        'update t set (a, b) = row(v.*) from (values (1, 5), (3, 6)) w(id, x) cross join lateral (select w.x, w.x::text as y) v where w.id = t.id returning t.a, t.b',
      'of the table': `update t set (a, b, c) = row(x.*) from (select a + 1, b, c from t where id = 1) x where t.id = 2 returning t.id, t.a, t.b, t.c`,
      'of the table itself': 'update t set (id, a, b, c, tags, doc, grid, big) = row(t.*) where id = 1 returning *',
      'too many': 'update t set (a, b) = row(v.*) from (values (5, $$v$$, 1)) v(x, y, z) where t.id = 1',
      'too few': 'update t set (a, b, c) = row(v.*) from (values (5, $$v$$)) v(x, y) where t.id = 1',
      'on conflict':
        'insert into t (id, a) values (1, 6) on conflict (id) do update set (a, b) = row(excluded.a, excluded.b) returning a, b',
      'a value for each row':
        'update t set (a, b) = row(v.*) from (select id, id * 2 as x, $$b$$ || id as y from t) w cross join lateral (select w.x, w.y) v where w.id = t.id returning t.id, t.a, t.b',
    },
  )
}

function fromFunctions(): readonly Example[] {
  return writes(
    'insert from functions',
    {},
    {
      star: 'insert into t select * from generate_series(11, 13) returning *',
      'star with an alias': 'insert into t select g.* from generate_series(11, 12) g returning id, a',
      'star with ordinality': 'insert into t select * from generate_series(11, 12) with ordinality returning *',
      'star of a join': 'insert into t select * from generate_series(11, 12) g, generate_series(1, 1) h returning *',
      'star of json_each': {
        sql: `insert into t (b, id, a) select key, 20, 1 from json_each_text('{"x": 1}') returning *`,
      },
      'the column beside one': 'select a, g from t, generate_series(1, 2) g order by id, g',
      'using one': 'update t set a = g from generate_series(1, 2) g where g = id returning *',
    },
  )
}
