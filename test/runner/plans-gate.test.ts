import { openControl, reportInstance } from '@expand-contract/control'
import { changeColumnType, type Migration, renameColumn } from '@expand-contract/core'
import { type CompareStatements, readPlansGate } from '@expand-contract/runner'
import { fingerprintOf, loadParser, textWithoutValues } from '@expand-contract/sql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { ExpandedDatabase } from './expanded-database.ts'

const NAME = renameColumn({ table: 'shop.users', from: 'name', to: 'full_name', type: 'text' })
const AMOUNT = changeColumnType({
  ...{ table: 'shop.orders', from: 'amount', fromType: 'int', to: 'amount_big', type: 'bigint' },
  ...{ forward: 'amount::bigint', backward: 'amount_big::int' },
})

/** Of another schema than the operator's, large enough that reading it whole is dear. */
const TABLES = `create schema shop;
  create table shop.users (id int primary key, name text, born date, seen int);
  insert into shop.users select g, 'n' || g, '2000-01-01'::date + g % 9999, g from generate_series(1, 20000) g;
  create index users_name_idx on shop.users (name);
  create table shop.orders (id int primary key, user_id int references shop.users, amount int);
  insert into shop.orders select g, 1 + g % 20000, g from generate_series(1, 20000) g;
  create index orders_user on shop.orders (user_id);
  analyze;`

const BY_NAME = 'select id, name from users where name = $1'

/** What an application has sent, as its fleet records it: without values. */
async function record(db: ExpandedDatabase, { id }: Migration, texts: readonly string[]): Promise<readonly string[]> {
  const control = openControl(db.client)
  const statements = texts.map((text) => ({
    ...{ migration: id, fingerprint: fingerprintOf(text) ?? '', side: 'old' as const, outcome: 'rewritten' as const },
    ...{ reason: '', kind: 'SELECT', message: undefined, text: textWithoutValues(text), count: 1 },
  }))
  for (let at = 0; at < statements.length; at += 500)
    await reportInstance(control, {
      ...{
        id: 'web-1',
        application: 'web',
        appVersion: undefined,
        libraryVersion: '0',
        host: undefined,
        leaseMs: 1_000,
      },
      ...{ everyMs: 5_000, leaving: false, acknowledged: {}, declarations: {}, reads: {} },
      statements: statements.slice(at, at + 500),
    })
  return statements.map(({ fingerprint }) => fingerprint)
}

describe.each(postgresMajors())('PostgreSQL %i: the plans of recorded statements on either column', (major) => {
  let db: ExpandedDatabase
  beforeAll(async () => {
    await loadParser()
    db = await ExpandedDatabase.open(major, TABLES)
    for (const migration of [NAME, AMOUNT]) await db.expand(migration)
    await db.client.query('update shop.users set id = id')
    await db.client.query('update shop.orders set id = id')
    await db.client.query('vacuum analyze shop.users')
    await db.client.query('vacuum analyze shop.orders')
  })
  afterAll(() => db?.close())

  const gate = (options: CompareStatements = {}, migration: Migration = NAME) =>
    readPlansGate(
      { control: openControl(db.client), client: db.client, migration },
      { declared: [NAME, AMOUNT], ...options },
    )
  const forget = () => db.client.query('delete from expand_contract.statements')

  test('PEERS 5: a missing index blocks, both plans are shown, and it can be accepted by name; with the index it passes', async () => {
    await forget()
    expect(await gate()).toMatchObject({ ok: true, plans: { shapes: 0 } })
    const [fingerprint = ''] = await record(db, NAME, [BY_NAME, 'select id from users where id = 7'])
    const refused = await gate()
    expect(refused).toMatchObject({
      ...{ id: 'plans', ok: false, remedy: `switch ${NAME.id} --accept plans:${fingerprint} --reason "..."` },
      detail: expect.stringMatching(/^1 statement shape explained both ways, worst \d+ x \(limit 2 x\); 1 the same/u),
      more: [expect.stringContaining(`${fingerprint} dearer`)],
    })
    expect(refused.more?.[0]).toMatch(
      /Seq Scan on users in place of (?:Index|Bitmap Heap) Scan using users_name_idx.*: select id, name from users where name = \$1$/u,
    )
    const [named] = refused.plans.named
    expect(named).toMatchObject({ dearer: true, accepted: false, kind: 'SELECT', text: BY_NAME })
    expect(named?.oldPlan).toContain('users_name_idx')
    expect(named?.newPlan).toMatch(/^Seq Scan on users .*\n {2}Filter: \(full_name = \$1\)/u)
    expect(named?.ratio).toBeGreaterThan(2)
    expect(await gate({ accepted: [fingerprint] })).toMatchObject({
      ok: true,
      detail: expect.stringContaining(`${fingerprint} accepted`),
    })
    // A limit of one's own; below it the scan is named all the same.
    expect(await gate({ ratio: 1_000_000 })).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/below the limits .*Seq Scan on users in place of/u),
    })
    expect(await gate({ floor: 1_000_000 })).toMatchObject({ ok: true, plans: { worst: 1 } })

    await db.client.query('create index users_full_name_idx on shop.users (full_name)')
    expect(await gate()).toMatchObject({
      ok: true,
      detail: '1 statement shape explained both ways, worst 1 x (limit 2 x); 1 the same on either column',
    })
  })

  test('joins, DML, CTEs, sub-selects, row locks and casts of what was a literal are explained, and nothing of them is executed', async () => {
    await forget()
    await record(db, NAME, [
      'select u.name, o.id from users u join orders o on o.user_id = u.id where u.name like $1 order by u.name limit 5',
      "with old as (select * from users where born < now() - interval '7 days') select name from old where seen = 3",
      "select name from users where born between date '2001-01-01' and cast('2002-01-01' as date) and seen::numeric(12,2) > 1",
      "update users set name = 'x' where name = 'y' returning id, name",
      "delete from users where name in ('a', 'b') returning name",
      'select name from users where id = any ($1) for update',
      'select max(name) from users where exists (select from orders o where o.user_id = users.id and o.amount > $1)',
      "insert into orders (id, user_id) select 1000000 + id, id from users where name = 'n1'",
      'select name, count(*) from users group by name having count(*) > 1',
      'values ((select name from users where id = $1))',
    ])
    const before = await db.rows('select count(*) from shop.users where full_name is not null')
    const found = await gate()
    expect(found.plans.unexplained).toEqual([])
    expect(found.plans).toMatchObject({ shapes: 10, explained: 10, alike: 0 })
    expect(await db.rows('select count(*) from shop.users where full_name is not null')).toEqual(before)
    expect(await db.rows('select count(*)::int as n from shop.orders')).toEqual([{ n: 20_000 }])
    expect(await db.rows("select count(*)::int as n from pg_prepared_statements where name like 'expand%'")).toEqual([
      { n: 0 },
    ])
  })

  test('a mapping that an index cannot serve is dearer as well, in a join of two migrating tables', async () => {
    await forget()
    await db.client.query('create index if not exists orders_amount on shop.orders (amount)')
    await record(db, AMOUNT, ['select o.id, u.name from orders o join users u on u.id = o.user_id where o.amount = $1'])
    const refused = await gate({}, AMOUNT)
    expect(refused).toMatchObject({ ok: false, plans: { explained: 1 } })
    expect(refused.more?.[0]).toContain('Seq Scan on orders in place of')
    // The application compares an int4, and the declared way back is a cast.
    await db.client.query('create index orders_amount_big on shop.orders (amount_big)')
    expect(await gate({}, AMOUNT)).toMatchObject({ ok: false })
    await db.client.query('create index orders_amount_int on shop.orders ((amount_big::int))')
    await db.client.query('analyze shop.orders')
    expect(await gate({}, AMOUNT)).toMatchObject({ ok: true })
  })

  test('what cannot be explained is counted, named and told why, and keeps nobody from being explained', async () => {
    await forget()
    const texts = [
      BY_NAME,
      'select name, $1 + $2 from users where name = $3',
      'select name from users natural join gone',
      'select users.name, hidden from users',
      `select name from users where name in (${Array.from({ length: 6_000 }, () => 'coalesce($1)').join(', ')})`,
    ]
    const [first = '', untyped = ''] = await record(db, NAME, texts)
    const control = openControl(db.client)
    // What no library of ours records: it is not to be trusted.
    const forged = [
      'select name from users; drop table shop.users',
      'drop table shop.users',
      'explain analyze delete from users',
      undefined,
    ]
    await reportInstance(control, {
      ...{
        id: 'web-1',
        application: 'web',
        appVersion: undefined,
        libraryVersion: '0',
        host: undefined,
        leaseMs: 1_000,
      },
      ...{ everyMs: 5_000, leaving: false, acknowledged: {}, declarations: {}, reads: {} },
      statements: [...forged, 'select ) name from users'].map((text, nr) => ({
        ...{ migration: NAME.id, fingerprint: nr === 4 ? '' : `${nr}`.repeat(16), side: 'old', outcome: 'kept' },
        ...{ reason: '', kind: 'SELECT', message: undefined, text, count: 1 },
      })),
    })
    const { ok, detail, plans } = await gate()
    expect(ok).toBe(true)
    expect(plans).toMatchObject({ shapes: texts.length + 5, explained: 1 })
    expect(plans.unexplained.map(({ fingerprint }) => fingerprint)).not.toContain(first)
    const reasons = Object.fromEntries(plans.unexplained.map(({ fingerprint, reason }) => [fingerprint, reason]))
    expect(reasons).toMatchObject({
      [untyped]: 'the types of its parameters cannot be inferred',
      '': 'the parser does not take it',
      '0000000000000000': 'it is more than one statement',
      '1111111111111111': 'it is no statement that has a plan',
      '2222222222222222': 'it is no statement that has a plan',
      '3333333333333333': 'its text is not recorded',
    })
    expect(Object.values(reasons)).toEqual(
      expect.arrayContaining([
        'a table that it names is not there',
        'a column that it names is not there',
        'its text is too long to be recorded whole',
      ]),
    )
    expect(detail).toContain(`9 not explained: `)
    expect(detail).toContain(`SELECT ${untyped}`)
    expect(await db.rows("select to_regclass('shop.users')::text as found")).toEqual([{ found: 'shop.users' }])
  })

  test('a thousand shapes are explained, and what the time does not suffice for is named', async () => {
    await forget()
    await record(
      db,
      NAME,
      Array.from({ length: 1_000 }, (_, nr) => {
        const sum = Array.from({ length: 10 }, (_each, bit) => `${(nr >> bit) % 2 === 0 ? '+' : '-'} seen`)
        return `select name from users where name = $1 and id ${sum.join(' ')} > $2`
      }),
    )
    const all = await gate()
    expect(all.plans).toMatchObject({ shapes: 1_000, explained: 1_000, unexplained: [] })
    const none = await gate({ budgetMs: 0 })
    expect(none).toMatchObject({
      plans: { shapes: 1_000, explained: 0 },
      detail: expect.stringContaining('1000 not explained: 1000 (SELECT'),
    })
    expect(none.detail).toContain('not looked at: 0 s were over')
  })

  test('a role that may not read a table of a join is told so', async () => {
    await forget()
    await record(db, NAME, ['select u.name from users u join orders o on o.user_id = u.id', BY_NAME])
    const role = `op_plans_${db.database.name}`
    await db.client.query(`create role ${role}; grant usage on schema shop, expand_contract to ${role}`)
    await db.client.query(
      `grant select on shop.users to ${role}; grant select on all tables in schema expand_contract to ${role}`,
    )
    const poor = await db.connect()
    await poor.query(`set role ${role}`)
    try {
      const { plans } = await readPlansGate({ control: openControl(poor), client: poor, migration: NAME })
      expect(plans).toMatchObject({ explained: 1, unexplained: [{ reason: 'the role may not use what it names' }] })
    } finally {
      await db.client.query(`drop owned by ${role}; drop role ${role}`)
    }
  })
})
