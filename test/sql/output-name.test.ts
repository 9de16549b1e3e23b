import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadParser, parse } from '../../packages/sql/src/parse/parser.ts'
import { outputName } from '../../packages/sql/src/resolve/output-name.ts'
import { databaseForTests } from '../support/database-for-tests.ts'
import { postgresMajors } from '../support/postgres.ts'

const sql = `
  CREATE SCHEMA app;
  CREATE FUNCTION app.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
  CREATE TYPE pair AS (x int, y text);
  CREATE TABLE t (id int, name text, tags text[], data jsonb, p pair, at timestamptz)`

/** Items of a select list over the table `t`, each without a name of its own. */
const EXPRESSIONS = [
  ...['id', 't.id', 'public.t.name', '"name"', 't', '(t).name', '(p).x', '(t.p).y', 'name || id', '-id', 'NOT true'],
  ...['1', "'a'", 'NULL', "DATE '2024-01-01'", "INTERVAL '1' DAY", "B'1'", '1.5::numeric(3,1)', "'a'::text"],
  ...[
    'id::text',
    'id::int::bigint',
    '(id + 1)::text',
    'CAST(id AS pg_catalog.int8)',
    "'{}'::text[]",
    'NULL::public.pair',
  ],
  ...['id::character varying(3)', 'id::double precision', 'upper(name)', 'upper(name)::varchar', 'app.twice(id)'],
  ...['count(*)', 'count(DISTINCT id)', 'sum(id) FILTER (WHERE id > 1)', 'rank() OVER (ORDER BY 1)'],
  ...[
    'mode() WITHIN GROUP (ORDER BY id)',
    'extract(year FROM at)',
    "trim(BOTH ' ' FROM name)",
    'substring(name FROM 1)',
  ],
  ...['position(name IN name)', 'overlay(name PLACING name FROM 1)', "at AT TIME ZONE 'UTC'", 'name COLLATE "C"'],
  ...[
    'normalize(name)',
    'name IS NORMALIZED',
    'name LIKE name',
    'name SIMILAR TO name',
    'id IN (1, 2)',
    'id BETWEEN 1 AND 2',
  ],
  ...['id = ANY (ARRAY[1])', 'id IS NULL', 'true IS TRUE', 'id IS DISTINCT FROM 1', 'NULL::xml IS DOCUMENT'],
  ...['coalesce(name, name)', 'greatest(1, 2)', 'least(1, 2)', 'nullif(id, 1)', 'nullif(id, 1)::text', 'grouping(id)'],
  ...[
    'ARRAY[1]',
    'ARRAY[id]::bigint[]',
    'ARRAY(SELECT 1)',
    'tags[1]',
    'tags[1:2]',
    '(ARRAY[1])[1]',
    "data['a']",
    "data['a']['b']",
  ],
  ...['(tags[1])::varchar', 'ROW(1, 2)', '(1, 2)', 'ROW(1, 2) = ROW(1, 2)', 'EXISTS (SELECT 1)', 'id IN (SELECT 1)'],
  ...['(SELECT id)', '(SELECT 1 AS one)', '(SELECT 1)', '(SELECT max(id))', '(SELECT id::text)', '(SELECT 1)::text'],
  ...['(SELECT 1 AS one)::text', '(VALUES (1))', '(SELECT 1 AS a UNION SELECT 2 AS b)', '(SELECT 2 FROM t LIMIT 1)'],
  ...[
    'CASE WHEN true THEN 1 END',
    'CASE WHEN true THEN 1 ELSE id END',
    'CASE WHEN true THEN name ELSE id::text END::varchar',
  ],
  ...[
    'CASE WHEN true THEN 1 ELSE 2 END::text',
    'CASE WHEN true THEN name ELSE upper(name) END',
    '(CASE id WHEN 1 THEN 2 END)::text',
  ],
  ...['CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP(3)', 'LOCALTIME(1)', 'LOCALTIMESTAMP', 'CURRENT_USER', 'USER'],
  ...[
    'SESSION_USER',
    'CURRENT_ROLE',
    'CURRENT_CATALOG',
    'CURRENT_SCHEMA',
    'current_schema()',
    'now()',
    'CURRENT_DATE::text',
  ],
  ...[
    'xmlelement(name a)',
    'xmlconcat(NULL)',
    'xmlforest(id)',
    'xmlpi(name a)',
    "xmlparse(CONTENT 'a')",
    'xmlexists(name PASSING NULL)',
  ],
  ...['xmlserialize(CONTENT NULL AS text)', "xmlroot(NULL, VERSION '1.0')", 'collation for (name)', 'treat(id AS int)'],
] as const

/** What older servers do not know or name otherwise, with the first server that names it so. */
const NEWER: readonly (readonly [since: number, expression: string])[] = [
  // PostgreSQL 14 calls it `bool`; which server there is, the rewriter does not know.
  [15, 'true'],
  [16, 'system_user'],
  [16, "json_object('a': 1)"],
  [16, 'json_array(1, 2)'],
  [16, 'json_array(SELECT 1)'],
  [16, "json_objectagg('a': id)"],
  [16, 'json_arrayagg(id)'],
  [16, "'{}' IS JSON"],
  [17, "json('{}')"],
  [17, 'json_scalar(1)'],
  [17, "json_serialize('{}')"],
  [17, "json_exists(data, '$.a')"],
  [17, "json_value(data, '$.a')"],
  [17, "json_query(data, '$.a')"],
  [17, "json_value(data, '$.a')::int"],
]

describe.each(postgresMajors())('the name of an unnamed output column on PostgreSQL %i', (major) => {
  const database = databaseForTests(major, sql)
  beforeAll(loadParser)

  const newer = NEWER.flatMap(([since, expression]) => (major >= since ? [expression] : []))

  test.each([...EXPRESSIONS, ...newer])('%s', async (expression) => {
    const name = await nameOnServer(database.client, expression)
    expect(outputName(targetOf(expression))).toBe(name)
  })
})

/** PostgreSQL names the columns of a view as it names those of a result, without running anything. */
async function nameOnServer(client: pg.Client, expression: string): Promise<string | undefined> {
  const grouped = /\b(?:grouping|count|sum|mode|max|agg)\b|agg\(/u.test(expression) ? 'GROUP BY t.id' : ''
  const { fields } = await client.query(`SELECT ${expression} FROM t ${grouped} LIMIT 0`)
  return fields[0]?.name
}

function targetOf(expression: string): Parameters<typeof outputName>[0] {
  const select = parse(`SELECT ${expression} FROM t`)?.[0]?.stmt
  const target = select && 'SelectStmt' in select ? select.SelectStmt.targetList?.[0] : undefined
  if (!target || !('ResTarget' in target)) throw new RangeError(`not an expression: ${expression}`)
  return target.ResTarget
}
