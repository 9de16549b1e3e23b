import { pipeline } from 'node:stream/promises'
import { changeColumnType, fixedPhases, renameColumn } from '@expand-contract/core'
import pg from 'pg'
import { from } from 'pg-copy-streams'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

const TABLE = 'create table t (id int, a int default 7, b varchar(5), c text, tags text[])'
const ADDED = 'alter table t add a_ec bigint, add b_ec text, add labels text[]'
const CONTRACT = 'alter table t alter a drop default; alter table t alter a_ec set default 7'
const DROPPED = 'alter table t drop a, drop b, drop tags'

const MIGRATIONS = [
  changeColumnType({ table: 't', from: 'a', fromType: 'integer', to: 'a_ec', type: 'bigint', after: 'id', flag: 'a' }),
  changeColumnType({
    ...{ table: 't', from: 'b', fromType: 'varchar(5)', to: 'b_ec', type: 'text', after: 'id', flag: 'b' },
  }),
  renameColumn({ table: 't', from: 'tags', to: 'labels', type: 'text[]', after: 'c', flag: 'tags' }),
]

interface Sent {
  readonly sql: string
  readonly rows: string
}

const LINES = '1\t10\tab\tone\t{x}\n2\t\\N\t\\N\t\\N\t\\N\n'

const ACCEPTED: readonly Sent[] = [
  { sql: 'copy t from stdin', rows: LINES },
  { sql: 'copy public.t from stdin where id > 1', rows: LINES },
  { sql: 'copy t (id, a, c) from stdin', rows: '1\t10\tx\n' },
  { sql: 'copy t (c, b, a) from stdin', rows: 'x\tabcde\t-2147483648\n' },
  { sql: 'copy t (id, c) from stdin', rows: '1\tx\n' },
  { sql: 'copy t (tags, id) from stdin', rows: '{a,b}\t3\n' },
  {
    sql: "copy t from stdin with (format csv, delimiter ';', null 'N') where a is null or b = 'ab'",
    rows: '1;10;ab;o;{}\n2;N;N;N;N\n3;1;z;o;{}\n',
  },
  { sql: 'copy t (id, b) from stdin csv header', rows: 'id,b\n1,abc\n' },
  { sql: 'copy t (id) from stdin -- the end', rows: '5\n' },
]

const WRONG: readonly Sent[] = [
  { sql: 'copy t (id, a) from stdin', rows: '1\t3000000000\n' },
  { sql: 'copy t (id, a) from stdin', rows: '1\tx\n' },
  { sql: 'copy t (id, b) from stdin', rows: '1\ttoo long\n' },
  { sql: 'copy t (id, b) from stdin where id > 99', rows: '1\ttoo long\n' },
  { sql: 'copy t (id, a, a) from stdin', rows: '1\t2\t3\n' },
  { sql: 'copy t (id, nope) from stdin', rows: '1\t2\n' },
]

/** Values of two widths, and names of columns where they cannot be mended. */
const REFUSED = [
  'copy t (id, a) from stdin with (format binary)',
  'copy t (id, a) from stdin with (format csv, force_null (a))',
] as const

describe.each(postgresMajors())('PostgreSQL %i: COPY FROM while one column is written', (major) => {
  let twin: TestDatabase
  let bare: pg.Client
  const stages: EngineFixture[] = []

  beforeAll(async () => {
    twin = await createDatabase(major, { sql: TABLE })
    bare = new pg.Client({ connectionString: twin.url })
    await bare.connect()
    const phases = () => fixedPhases(Object.fromEntries(MIGRATIONS.map(({ id }) => [id, 'contract'])))
    for (const sql of [`${TABLE}; ${ADDED}; ${CONTRACT}`, `${TABLE}; ${ADDED}; ${CONTRACT}; ${DROPPED}`])
      stages.push(await EngineFixture.open(major, { sql, migrations: MIGRATIONS, phases: phases() }))
  })
  afterAll(async () => {
    for (const stage of stages) await stage.close()
    await bare?.end()
    await twin?.drop()
  })

  /** The rows that are there afterwards, or the code of the error. */
  async function copied(client: pg.ClientBase, { sql, rows }: Sent): Promise<unknown> {
    await client.query('begin')
    try {
      const stream = client.query(from(sql))
      await pipeline([rows], stream)
      return (await client.query({ text: 'select id, a, b, c, tags from t order by id', rowMode: 'array' })).rows
    } catch (error) {
      return error instanceof pg.DatabaseError ? error.code : error
    } finally {
      await client.query('rollback')
    }
  }

  test.each([...ACCEPTED, ...WRONG])('$sql: $rows', async (sent) => {
    const expected = await copied(bare, sent)
    expect(Array.isArray(expected)).toBe(ACCEPTED.includes(sent))
    for (const stage of stages) expect(await copied(await stage.client(), sent)).toEqual(expected)
  })

  test.each(REFUSED)('%s is refused', async (sql) => {
    for (const stage of stages)
      expect(await copied(await stage.client(), { sql, rows: '' })).toMatchObject({ code: 'EC_REFUSED' })
  })
})
