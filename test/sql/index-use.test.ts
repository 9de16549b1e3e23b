import { changeColumnType, createRuntime, fixedFlags, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'

/** 10,000 rows, an index on either side of each migration; LIKE needs one that compares bytes. */
const SCHEMA = `
  create table users (id serial primary key, name varchar(40), full_name text, age int4, age_big int8, email text);
  create table posts (id serial primary key, author_name varchar(40), title text);
  insert into users (name, full_name, age, age_big, email)
    select 'user ' || n, 'user ' || n, n % 5000, n % 5000, n || '@example.org' from generate_series(1, 10000) n;
  insert into posts (author_name, title) select 'user ' || n, 'post ' || n from generate_series(1, 20) n;
  create index users_name on users (name text_pattern_ops);
  create index users_name_order on users (name);
  create index users_full_name on users (full_name text_pattern_ops);
  create index users_full_name_order on users (full_name);
  create index users_age on users (age);
  create index users_age_big on users (age_big);
  analyze users, posts;
`

const MIGRATIONS = [
  renameColumn({ table: 'users', from: 'name', to: 'full_name', flag: 'name' }),
  changeColumnType({ table: 'users', from: 'age', fromType: 'int4', to: 'age_big', type: 'int8', flag: 'age' }),
]

type Lookup = readonly [text: string, values?: readonly unknown[]]

/** What uses an index on the old column, and must use one on the new column when that is read. */
const LOOKUPS: readonly Lookup[] = [
  ['select * from users where name = $1', ['user 7']],
  ['select * from users where $1 = name', ['user 7']],
  ["select id from users u where u.name = 'user 7'"],
  ['select id from users where name in ($1, $2)', ['user 7', 'user 8']],
  ['select id from users where name = any($1)', [['user 7', 'user 8']]],
  ["select id from users where name like 'user 77%'"],
  ['select id from users where name between $1 and $2', ['user 7', 'user 70']],
  ['select id, name from users order by name limit 5'],
  ['select * from users order by name desc limit 5'],
  ['select u.name as n from users u order by n limit 5'],
  ['select distinct on (u.id) u.id, u.name from users u where u.name > $1 order by u.id limit 1', ['user 9998']],
  ['select p.title, u.id from posts p join users u on u.name = p.author_name where p.id = 3'],
  ['select id from users where age = $1', [42]],
  ['select id from users where age = 42'],
  ["select id from users where age = '42'"],
  ['select id from users where age in ($1, 43)', [42]],
  ['select id from users where age = any($1)', [[42, 43]]],
  ['select id from users where age between $1 and $2', [42, 43]],
  ['select id from users where age < $1 order by age limit 3', [42]],
  ['select id, age from users order by age limit 3'],
  ['select id from users where (age, id) > ($1, $2) order by age, id limit 3', [4998, 0]],
  ['update users set email = null where name = $1', ['user 7']],
  ['delete from users where age = $1 returning name', [42]],
  ['select (select u.id from users u where u.name = p.author_name limit 1) from posts p limit 2'],
  ['with x as (select * from users) select id from x where name = $1', ['user 7']],
]

describe.each(postgresMajors())('indexes on the new column, PostgreSQL %i', (major) => {
  const flags = fixedFlags({ name: false, age: false })
  let database: TestDatabase
  let pool: pg.Pool
  beforeAll(async () => {
    database = await createDatabase(major, { sql: SCHEMA })
    const runtime = await createRuntime({ migrations: MIGRATIONS, flags, phases: readSwitch(MIGRATIONS) })
    pool = instrumentedPool(runtime, { connectionString: database.url })
  })
  afterAll(async () => {
    await pool?.end()
    await database?.drop()
  })

  async function indexesOf(text: string, values: readonly unknown[]): Promise<readonly string[]> {
    const { rows } = await pool.query(`explain (format json) ${text}`, [...values])
    const found = JSON.stringify(rows[0]['QUERY PLAN']).matchAll(/"Index Name":"(users_[^"]*)"/gu)
    return [...new Set([...found].map((match) => match[1] ?? ''))].filter((name) => name !== 'users_pkey')
  }

  test.each(LOOKUPS.map(([text, values]) => ({ text, values: values ?? [] })))('$text', async ({ text, values }) => {
    flags.set('name', false)
    flags.set('age', false)
    const old = await indexesOf(text, values)
    expect(old.length).toBeGreaterThan(0)
    flags.set('name', true)
    flags.set('age', true)
    const counterpart = (name: string): string => name.replace('_name', '_full_name').replace('_age', '_age_big')
    expect(await indexesOf(text, values)).toEqual(old.map(counterpart))
  })
})
