import { describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { openSql } from './open-sql.ts'
import { BOTH, OLD, PEOPLE } from './people.ts'

const STEP = 'select name, full_name, cents, amount::text from people where id > 3 order by id'

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  test('templates are planned with their fragments and helpers', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    const { sql, flags } = fixture
    flags.set('name', true)
    const rich = (least: number) => sql`cents > ${least}`
    const order = sql`order by ${sql('people.name')} desc`
    expect([...(await sql`select ${sql(['name', 'cents'])} from ${sql('people')} where ${rich(0)} ${order}`)]).toEqual([
      { name: 'Alan*', cents: 999 },
      { name: 'Ada*', cents: 1250 },
    ])
    const either = [sql`where name = ${'Ada*'}`, sql`or cents = ${-5}`]
    expect((await sql`select id from people ${either} order by id`).map(({ id }) => id)).toEqual([1, 3])
    expect([...(await sql`select name from people where id in ${sql([2, 3])} order by id`.values())]).toEqual([
      ['Alan*'],
      ['Grace*'],
    ])
    expect((await sql`select name from people where name = any(${['Ada*', 'Grace*']}) order by id`).count).toBe(2)
  })

  test('what helpers insert and update is written to both columns', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    const { sql } = fixture
    const born = new Date('1906-12-09T00:00:00Z')
    await sql`insert into people ${sql([
      { name: 'Barbara', cents: 7, born },
      { name: 'Bob', cents: 8, born: null },
    ])}`
    const change = { name: 'Bobby', cents: 9 }
    const changed = await sql`update people set ${sql(change, 'name', 'cents')} where name = ${'Bob'} returning *`
    expect([...changed]).toEqual([{ id: 5, name: 'Bobby', cents: 9, born: null }])
    expect(changed.command).toBe('UPDATE')
    expect(await fixture.bare(STEP)).toEqual([
      { name: 'Barbara', full_name: 'Barbara', cents: 7, amount: '0.07' },
      { name: 'Bobby', full_name: 'Bobby', cents: 9, amount: '0.09' },
    ])
    expect((await sql`select born from people where name = ${'Barbara'}`)[0]?.born).toEqual(born)
  })

  test('what touches nothing is sent as it is', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    const { sql, statements } = fixture
    await sql`insert into notes ${sql({ body: 'people' })}`
    expect([...(await sql`select body from notes where body = ${'people'}`)]).toEqual([{ body: 'people' }])
    expect([...(await sql`select ${sql.typed(5, 23)}::int as five, ${sql.json({ a: 1 })} as json`)]).toEqual([
      { five: 5, json: { a: 1 } },
    ])
    expect(statements).toEqual([])
  })

  test('a value that is undefined is the error that it was', async () => {
    await using fixture = await openSql(major, { script: BOTH, migrations: PEOPLE })
    const undefinedName = undefined as unknown as string
    const failed = fixture.sql`insert into people (name) values (${undefinedName})`
    await expect(failed).rejects.toMatchObject({ code: 'UNDEFINED_VALUE' })
    expect((await fixture.sql`select name from people`).length).toBe(3)
  })

  test('transformations of names and values stay the application’s', async () => {
    const camel = (name: string): string => name.replaceAll(/_(\w)/gu, (_, letter: string) => letter.toUpperCase())
    await using fixture = await openSql(major, {
      ...{ script: OLD, migrations: PEOPLE },
      transform: { column: { from: camel, to: (name) => name.replaceAll(/[A-Z]/gu, (c) => `_${c.toLowerCase()}`) } },
    })
    await fixture.bare('alter table people add full_name text, add amount numeric(12,2)')
    const { sql } = fixture
    const [row] = await sql`insert into people ${sql({ name: 'Camel', cents: 1 })} returning id as the_id, name`
    expect(row).toEqual({ theId: 4, name: 'Camel' })
    expect(await fixture.bare(STEP)).toEqual([{ name: 'Camel', full_name: 'Camel', cents: 1, amount: '0.01' }])
  })
})
