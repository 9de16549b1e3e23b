import { renameColumn } from '@expand-contract/core'
import pg from 'pg'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

type Shape = (client: pg.Client) => Promise<unknown>

const callback = (run: (done: (error: unknown, result: unknown) => void) => void): Promise<unknown> =>
  new Promise((resolve, reject) => run((error, result) => (error ? reject(error) : resolve(result))))

const loose = (client: pg.Client) => client as unknown as { query(...args: unknown[]): Promise<unknown> }

/** Every way of calling `query` that node-postgres has, on a table with the columns id, name and age. */
const SHAPES: Readonly<Record<string, Shape>> = {
  text: (client) => client.query('select id, name, age from people order by id'),
  'text and values': (client) => client.query('select name from people where id = $1', [2]),
  'text and empty values': (client) => client.query('select name from people order by name', []),
  'text and undefined values': (client) => loose(client).query('select name from people order by name', undefined),
  'text and null values': (client) => loose(client).query('select name from people order by name', null),
  'text and callback': (client) => callback((done) => client.query('select * from people order by id', done)),
  'text, values and callback': (client) =>
    callback((done) => client.query('select * from people where age > $1 order by id', [1], done)),
  config: (client) => client.query({ text: 'select name from people where id = $1', values: [1] }),
  'config and values': (client) => client.query({ text: 'select name from people where id = $1' }, [1]),
  'config and callback': (client) =>
    callback((done) => client.query({ text: 'select name from people order by 1' }, done)),
  'config with values, and callback': (client) =>
    callback((done) => client.query({ text: 'select name from people where id = $1', values: [3] }, done)),
  'named config with values, and other values': (client) =>
    client.query({ name: 'by-id', text: 'select name from people where id = $1', values: [3] }, [2]),
  'config of a class': (client) =>
    client.query(
      new (class {
        text = 'select name from people where id = 1'
      })(),
    ),
  'config, values and callback': (client) =>
    callback((done) => loose(client).query({ text: 'select name from people where id = $1' }, [3], done)),
  'config with a callback': (client) =>
    callback((done) => loose(client).query({ text: 'select name from people order by 1', callback: done })),
  'rowMode array': (client) =>
    client.query({ text: 'select id, name, name from people order by id', rowMode: 'array' }),
  'types of the query': (client) =>
    client.query({
      text: 'select id, name, age from people order by id',
      types: { getTypeParser: (oid: number) => (value: unknown) => `${oid}:${String(value)}` } as pg.CustomTypesConfig,
    }),
  'types and rowMode': (client) =>
    client.query({
      text: 'select * from people where id = $1',
      values: [1],
      rowMode: 'array',
      types: { getTypeParser: () => (value: unknown) => `<${String(value)}>` } as pg.CustomTypesConfig,
    }),
  named: (client) => client.query({ name: 'by id', text: 'select * from people where id = $1', values: [1] }),
  'named, again': async (client) => {
    const config = { name: 'twice', text: 'select name from people where id = $1' }
    return [await client.query(config, [1]), await client.query(config, [2])]
  },
  'named, without its text': async (client) => {
    await client.query({ name: 'short', text: 'select name from people where id = $1', values: [1] })
    return loose(client).query({ name: 'short', values: [2] })
  },
  'one name, two texts': async (client) => {
    await client.query({ name: 'one', text: 'select name from people' })
    return client.query({ name: 'one', text: 'select age from people' })
  },
  'one name, two texts, of which one is of another table': async (client) => {
    await client.query({ name: 'mixed', text: 'select name from people' })
    return client.query({ name: 'mixed', text: 'select 1' })
  },
  'one name, two texts, the other way round': async (client) => {
    await client.query({ name: 'mixed2', text: 'select 1' })
    return client.query({ name: 'mixed2', text: 'select name from people' })
  },
  'a name after its statement failed': async (client) => {
    await client.query({ name: 'retry', text: 'select name from people where' }).catch(() => {})
    return client.query({ name: 'retry', text: 'select name from people order by 1' })
  },
  'queryMode extended': (client) =>
    loose(client).query({ text: 'select name from people order by 1', queryMode: 'extended' }),
  binary: (client) => loose(client).query({ text: 'select id, name from people order by 1', binary: true }),
  'rows at a time': (client) => loose(client).query({ text: 'select name from people order by 1', rows: 1 }),
  'row events': (client) =>
    new Promise((resolve, reject) => {
      const rows: unknown[] = []
      const query = client.query(new pg.Query('select id, name from people order by id'))
      query.on('row', (row) => rows.push(row))
      query.on('error', reject)
      query.on('end', () => resolve(rows))
    }),
  'a Query with values and callback': (client) =>
    callback((done) => client.query(new pg.Query('select name from people where id = $1', [2], done as never))),
  'a named Query': (client) =>
    callback((done) =>
      client.query(new pg.Query({ name: 'q', text: 'select name from people order by 1' }, done as never)),
    ),
  'a Query that fails': (client) =>
    callback((done) => client.query(new pg.Query('select nothing from people', done as never))),
  cursor: async (client) => {
    const cursor = client.query(new Cursor('select id, name from people where id > $1 order by id', [0]))
    const rows = [await cursor.read(2), await cursor.read(2), await cursor.read(2)]
    await cursor.close()
    return rows
  },
  'cursor with array rows': async (client) => {
    const cursor = client.query(new Cursor('select * from people order by id', [], { rowMode: 'array' }))
    const rows = await cursor.read(10)
    await cursor.close()
    return rows
  },
  'cursor that fails': async (client) => {
    const cursor = client.query(new Cursor('select nothing from people'))
    return cursor.read(1)
  },
  stream: async (client) => {
    const rows: unknown[] = []
    for await (const row of client.query(new QueryStream('select * from people order by id', [], { batchSize: 1 })))
      rows.push(row)
    return rows
  },
  'stream that fails': async (client) => {
    for await (const _ of client.query(new QueryStream('select nothing from people'))) throw new Error('a row')
  },
  'several statements': (client) =>
    client.query(
      "select name from people order by 1; update people set age = 1 where name = 'nobody'; select count(*) from people",
    ),
  'an empty text': (client) => client.query(''),
  'a comment': (client) => client.query('-- people'),
  'a syntax error': (client) => client.query('selct name from people'),
  'an undefined column': (client) => client.query('select id, nme from people'),
  'an undefined column after an emoji': (client) => client.query("select '🙂 ä', nme from people"),
  'a wrong value': (client) => client.query('select name from people where age = $1', ['x']),
  'a missing value': (client) => client.query('select name from people where age = $1 and name = $2', [1]),
  'values that are no array': (client) => loose(client).query('select name from people where age = $1', 'x'),
  'a value that cannot be prepared': (client) =>
    client.query('select name from people where name = $1', [
      {
        toPostgres: () => {
          throw new Error('no value')
        },
      },
    ]),
  'a unique key': (client) => client.query("insert into people (id, name, age) values (9, 'ann', 1)"),
  'a check': (client) => client.query("insert into people (id, name, age) values (9, 'zed', -1)"),
  'a NOT NULL': (client) => client.query('insert into people (id, name) values (9, null)'),
  'a text too long': (client) => client.query('update people set name = $1 where id = 1', ['x'.repeat(21)]),
  'insert, returning': (client) =>
    rolledBack(client, "insert into people (id, name, age) values (9, 'zed', 5) returning *"),
  'update without rows wanted': (client) => rolledBack(client, 'update people set age = age + 1 where id < 3'),
  delete: (client) => rolledBack(client, "delete from people where name = 'ann'"),
  'a text that is no string': (client) => loose(client).query({ text: 5 }),
  'no text': (client) => loose(client).query({}),
  null: async (client) => loose(client).query(null),
  undefined: async (client) => loose(client).query(undefined),
  'a callback that is none': async (client) => loose(client).query('select name from people', [], 'callback'),
  'prepared in SQL': async (client) => {
    await client.query('prepare by_id (int) as select name from people where id = $1')
    const result = await client.query('execute by_id(2)')
    await client.query('deallocate by_id')
    return result
  },
  explain: async (client) => (await client.query('explain (costs off) select 1 from people limit 0')).rows.length > 0,
  'not awaited': (client) =>
    Promise.all([
      client.query('begin'),
      client.query("update people set name = 'x' where id = 1"),
      client.query('select name from people order by 1'),
      client.query('rollback'),
      client.query('select name from people order by 1'),
    ]),
  'a failed transaction': async (client) => {
    const failures: unknown[] = []
    await client.query('begin')
    for (const text of ['select nothing from people', 'select name from people'])
      await client
        .query(text)
        .catch((error: { code: unknown; message: unknown }) => failures.push(error.code, error.message))
    return [failures, client.getTransactionStatus(), await client.query('rollback'), client.getTransactionStatus()]
  },
}

async function rolledBack(client: pg.Client, text: string): Promise<unknown> {
  await client.query('begin')
  try {
    return await client.query(text)
  } finally {
    await client.query('rollback')
  }
}

/** What an application can see of a result or an error, as data that can be compared. */
function visible(value: unknown): unknown {
  if (value instanceof Error) {
    const { code, position, detail, hint, constraint, column, table, severity, routine } = value as Error &
      Record<string, unknown>
    const type = value.constructor.name
    return { type, message: value.message, code, position, detail, hint, constraint, column, table, severity, routine }
  }
  if (value instanceof pg.Result) {
    const fields = value.fields.map(({ name, dataTypeID, dataTypeSize, dataTypeModifier, format }) => ({
      name,
      dataTypeID,
      dataTypeSize,
      dataTypeModifier,
      format,
    }))
    return { command: value.command, rowCount: value.rowCount, rows: value.rows, fields }
  }
  if (Array.isArray(value)) return value.map(visible)
  return value
}

const outcome = (shape: Shape, client: pg.Client): Promise<unknown> =>
  shape(client).then(visible, (error: unknown) => ({ rejected: visible(error) }))

const rejection = (seen: unknown) => (seen as { rejected: Readonly<Record<string, unknown>> }).rejected

const TABLE = `
create table people (id int primary key, name varchar(20) not null constraint people_name_key unique, age int check (age >= 0));
insert into people values (1, 'ann', 11), (2, 'bob', 22), (3, 'cyd', null)`

const SITUATIONS = {
  'no migration': { migrations: [], ddl: '', name: undefined },
  'a migration of another table': {
    migrations: [renameColumn({ table: 'elsewhere', from: 'name', to: 'full_name' })],
    ddl: 'create table elsewhere (name text, full_name text)',
  },
  'a migration that has not begun': {
    migrations: [renameColumn({ table: 'people', from: 'name', to: 'full_name', type: 'varchar(20)' })],
    ddl: '',
  },
  'a migration under way, reading the old column': {
    migrations: [renameColumn({ table: 'people', from: 'name', to: 'full_name', type: 'varchar(20)' })],
    ddl: 'alter table people add full_name varchar(20); update people set full_name = name',
  },
  'a migration under way, reading the new column': {
    migrations: [renameColumn({ table: 'people', from: 'name', to: 'full_name', type: 'varchar(20)', flag: 'new' })],
    ddl: `alter table people add full_name varchar(20); update people set full_name = name;
          alter table people alter full_name set not null, add constraint people_full_name_key unique (full_name)`,
  },
  'a migration whose old column is gone': {
    migrations: [
      renameColumn({
        table: 'people',
        from: 'name',
        to: 'full_name',
        type: 'varchar(20)',
        constraints: { people_name_key: 'people_full_name_key' },
      }),
    ],
    ddl: `alter table people add full_name varchar(20); update people set full_name = name;
          alter table people alter full_name set not null, add constraint people_full_name_key unique (full_name), drop name`,
  },
} as const

/** What still shows once the old column is gone: a failing row has the order of today, and names are guessed from those of today. */
const SHOWS_WHEN_GONE: Readonly<Record<string, 'detail' | 'hint'>> = {
  'a check': 'detail',
  'a NOT NULL': 'detail',
  'an undefined column': 'hint',
  'an undefined column after an emoji': 'hint',
}

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  describe.each(Object.entries(SITUATIONS))('%s: as bare pg', (situation, { migrations, ddl }) => {
    let fixture: EngineFixture
    let instrumented: pg.Client
    let bare: pg.Client
    let untouched: EngineFixture

    beforeAll(async () => {
      untouched = await EngineFixture.open(major, { sql: TABLE, migrations: [] })
      bare = untouched.bare
      fixture = await EngineFixture.open(major, { sql: `${TABLE}; ${ddl}`, migrations })
      if (migrations.some((migration) => migration.flag === 'new')) fixture.flags.set('new', true)
      instrumented = await fixture.client()
    })
    afterAll(async () => {
      await fixture?.close()
      await untouched?.close()
    })

    test.each(Object.entries(SHAPES))('%s', async (name, shape) => {
      const expected = await outcome(shape, bare)
      const seen = await outcome(shape, instrumented)
      const shows = situation === 'a migration whose old column is gone' ? SHOWS_WHEN_GONE[name] : undefined
      if (shows === undefined) expect(seen).toEqual(expected)
      else expect(seen).toEqual({ rejected: { ...rejection(expected), [shows]: rejection(seen)[shows] } })
      expect(instrumented.getTransactionStatus()).toBe('I')
    })

    test('what an application may ask of a client', async () => {
      expect(instrumented).toBeInstanceOf(pg.Client)
      expect(instrumented.escapeIdentifier('a"b')).toBe('"a""b"')
      expect(instrumented.escapeLiteral("it's")).toBe("'it''s'")
      expect(await instrumented.query('select 1 as one')).toBeInstanceOf(pg.Result)
    })
  })
})
