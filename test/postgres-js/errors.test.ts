import { createRuntime } from '@expand-contract/core'
import { instrumentedSql, StatementRefusedError } from '@expand-contract/postgres-js'
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { openSql, PATIENT, running } from './open-sql.ts'
import { BOTH, CONTRACT, OLD, PEOPLE } from './people.ts'

const errorOf = (failing: Promise<unknown>): Promise<postgres.PostgresError> =>
  failing.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: postgres.PostgresError) => error,
  )

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  test.each([
    { stage: 'both', script: BOTH },
    { stage: 'the new columns alone', script: `${BOTH};${CONTRACT}` },
  ])('errors have the names and the text of the application: $stage', async ({ script }) => {
    await using fixture = await openSql(major, { script, migrations: PEOPLE })
    const { sql } = fixture
    const name = null as unknown as string
    const inTemplate = await errorOf(sql`insert into people (name) values (${name})`)
    expect(inTemplate).toBeInstanceOf(postgres.PostgresError)
    expect(inTemplate).toMatchObject({
      code: '23502',
      column_name: 'name',
      table_name: 'people',
      schema_name: 'public',
    })
    expect(inTemplate.message).toContain('"name"')
    expect(inTemplate.query).toBe('insert into people (name) values ($1)')
    expect(inTemplate.parameters).toEqual([null])
    expect(inTemplate.stack).toContain('errors.test.ts')
    expect(Object.keys(inTemplate)).not.toContain('column')
    const text = 'select name, nothing from people where name = $1'
    const inText = await errorOf(sql.unsafe(text, ['Ada']))
    expect(inText).toMatchObject({ code: '42703', position: String(text.indexOf('nothing') + 1), query: text })
  })

  test('a column that goes while it is known costs one more try, and no error', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, catalogRefreshMs: 600_000 })
    const { sql } = fixture
    await sql`update people set name = 'Ada L.' where id = 1`
    await fixture.bare('update people set full_name = name, amount = cents::numeric / 100')
    await fixture.bare(CONTRACT.replaceAll('\n', ' ').split(';')[0] ?? '')
    expect([...(await sql`select name from people where name = ${'Ada L.'}`)]).toEqual([{ name: 'Ada L.' }])
    expect([...(await sql.unsafe('select cents from people where id = $1', [1]).values())]).toEqual([[1250]])
  })

  test('columns appear and go while it runs', async () => {
    await using fixture = await openSql(major, { script: OLD, migrations: PEOPLE, catalogRefreshMs: 0 })
    const { sql } = fixture
    await sql`insert into people (name) values ('Before')`
    await fixture.bare('alter table people add full_name text')
    await sql`insert into people (name) values ('Between')`
    await fixture.bare('alter table people add amount numeric(12,2)')
    await sql`update people set cents = 5 where name = 'Between'`
    expect(
      await fixture.bare("select name, full_name, amount::text from people where name like 'Be%' order by id"),
    ).toEqual([
      { name: 'Before', full_name: null, amount: null },
      { name: 'Between', full_name: 'Between', amount: '0.05' },
    ])
    await fixture.bare('update people set full_name = name, amount = cents::numeric / 100')
    await fixture.bare('alter table people drop name, drop cents')
    expect(
      [...(await sql`select * from people where name like 'Be%' order by id`.values())].map((row) => row.length),
    ).toEqual([4, 4])
  })

  test('a statement that cannot be kept in step is not sent', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    const refused = await errorOf(fixture.sql.unsafe('copy people (name) from stdin').execute())
    expect(refused).toMatchObject({ code: 'EC_REFUSED', command: 'COPY' })
    expect(refused).toBeInstanceOf(StatementRefusedError)
    expect((await fixture.sql`select 1 as one`)[0]?.one).toBe(1)
  })

  test('a lost connection is put away, and the pool goes on', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE, max: 2 })
    const { sql } = fixture
    const slow = errorOf(sql`select name, pg_sleep(30) from people`.execute())
    await expect.poll(() => fixture.bare(running('pg_sleep(30)')), PATIENT).toHaveLength(1)
    await fixture.bare(`select pg_terminate_backend(pid) from (${running('pg_sleep(30)')}) as it`)
    expect((await slow).code).toMatch(/CONNECTION_CLOSED|57P01/u)
    // The driver hands what broke the connection to whoever opens it anew, once.
    const names = () => Promise.all([1, 2, 3].map((id) => sql`select name from people where id = ${id}`.values()))
    await expect.poll(() => names().catch(String), PATIENT).toEqual([[['Ada']], [['Alan']], [['Grace']]])
  })

  test('sql.file, row transformations and what is no postgres() are refused', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    expect(() => fixture.sql.file('people.sql')).toThrow(expect.objectContaining({ code: 'EC_POSTGRES_JS_FILE' }))
    const runtime = await createRuntime({ migrations: PEOPLE })
    const transforming = postgres({ transform: { row: (row) => row } })
    expect(() => instrumentedSql(runtime, transforming)).toThrow(expect.objectContaining({ code: 'EC_POSTGRES_JS' }))
    expect(() => instrumentedSql(runtime, {} as postgres.Sql)).toThrow(
      expect.objectContaining({ code: 'EC_POSTGRES_JS' }),
    )
  })
})
