import { fixedPhases, type Phase, renameColumn } from '@expand-contract/core'
import { loadParser, syncTriggerName } from '@expand-contract/sql'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture, type EngineFixtureOptions, sentBy } from './engine-fixture.ts'

/**
 * The row of ann has in its other column what the upsert of ada writes there, so that this is refused as often as it is sent. No
 * application leaves such a row; it stands for whatever is overtaken each time, or is a duplicate in truth.
 */
const TABLE = `
create table users (id serial primary key, name text constraint users_name_key unique, email text unique, hits int default 1 check (hits < 9),
  full_name text constraint users_full_name_key unique);
insert into users (name, full_name, email) values ('ann', 'ada', 'ann@'), ('bob', 'bob', 'bob@')`

const MIGRATION = renameColumn({
  ...{ table: 'users', from: 'name', to: 'full_name', flag: 'name' },
  constraints: { users_name_key: 'users_full_name_key' },
})

const UPSERT = 'insert into users (name) values ($1) on conflict (name) do update set hits = users.hits + 1'
const SET = 'SAVEPOINT expand_contract_upsert'
const BACK = 'ROLLBACK TO SAVEPOINT expand_contract_upsert'
const RELEASE = 'RELEASE SAVEPOINT expand_contract_upsert'

const rewritten = expect.stringContaining('"full_name"')
const times = (count: number, ...texts: readonly unknown[]): readonly unknown[] =>
  Array.from({ length: count }, () => texts).flat()

describe.each(postgresMajors())('PostgreSQL %i', (major) => {
  let fixture: EngineFixture
  let client: pg.Client
  let sent: string[]

  const open = async (sql = TABLE, options: Partial<EngineFixtureOptions> = {}): Promise<void> => {
    fixture = await EngineFixture.open(major, { sql, migrations: [MIGRATION], catalogRefreshMs: 60_000, ...options })
    client = await fixture.client()
    await client.query('select name from users')
    sent = sentBy(client)
    fixture.statements.length = 0
  }
  const codeOf = (query: Promise<unknown>): Promise<unknown> =>
    query.then(
      () => 'done',
      (error: { readonly code?: string }) => error.code,
    )

  describe('an upsert by a column that is unique on both sides', () => {
    beforeEach(() => open())
    afterEach(() => fixture.close())

    test('is sent five times when the other column refuses it, and told with the name that the application knows', async () => {
      await expect(client.query(UPSERT, ['ada'])).rejects.toMatchObject({
        ...{ code: '23505', constraint: 'users_name_key', table: 'users' },
        message: 'duplicate key value violates unique constraint "users_name_key"',
        detail: 'Key (name)=(ada) already exists.',
      })
      expect(sent).toEqual(times(5, rewritten))
      expect(fixture.statements.map(({ outcome, command }) => [outcome, command])).toEqual([['rewritten', 'INSERT']])
      expect((await client.query('select name from users order by 1')).rows).toEqual([{ name: 'ann' }, { name: 'bob' }])
    })

    test('goes between savepoints in a transaction, which has failed behind it', async () => {
      await client.query('begin')
      await client.query('savepoint mine')
      sent.length = 0
      expect(await codeOf(client.query(UPSERT, ['ada']))).toBe('23505')
      expect(sent).toEqual([SET, rewritten, ...times(4, BACK, rewritten)])
      expect(await codeOf(client.query('select 1'))).toBe('25P02')
      await client.query('rollback to mine')
      expect((await client.query(`${UPSERT} returning name, hits`, ['bob'])).rows).toEqual([{ name: 'bob', hits: 2 }])
      await client.query('release mine')
      await client.query('commit')
      expect((await client.query("select hits from users where name = 'bob'")).rows).toEqual([{ hits: 2 }])
    })

    test('leaves no savepoint behind when it succeeds', async () => {
      await client.query('begin')
      sent.length = 0
      const together = [client.query(UPSERT, ['cyd']), client.query('select 1'), client.query(UPSERT, ['dee'])]
      await Promise.all(together)
      expect(await codeOf(client.query('release expand_contract_upsert'))).toBe('3B001')
      await client.query('rollback')
      const guarded = [SET, rewritten, RELEASE]
      expect(sent.slice(0, 7)).toEqual([...guarded, 'select 1', ...guarded])
    })

    test.each<[string, string, unknown[], string]>([
      [
        'another unique column',
        "insert into users (name, email) values ('cyd', $1) on conflict (name) do nothing",
        ['bob@'],
        '23505',
      ],
      ['a check', `${UPSERT.replace('hits + 1', 'hits + $2')}`, ['bob', 9], '23514'],
      ['a value', UPSERT.replace('(name)', '(name, hits)').replace('($1)', '($1, $2)'), ['bob', 'many'], '22P02'],
      ['what is assigned on a conflict', `${UPSERT}, name = 'ann'`, ['bob'], '23505'],
    ])('is sent once when it is refused for %s, and so has the transaction failed', async (_, text, values, code) => {
      expect(await codeOf(client.query(text, values))).toBe(code)
      expect(sent).toEqual([rewritten])
      await client.query('begin')
      sent.length = 0
      expect(await codeOf(client.query(text, values))).toBe(code)
      expect(sent).toEqual([SET, rewritten])
      expect(await codeOf(client.query('select 1'))).toBe('25P02')
      expect((await client.query('commit')).command).toBe('ROLLBACK')
    })

    test('is left alone in a transaction that has failed already', async () => {
      await client.query('begin')
      await codeOf(client.query('select 1/0'))
      sent.length = 0
      expect(await codeOf(client.query(UPSERT, ['ada']))).toBe('25P02')
      expect(sent.filter((text) => text.includes('SAVEPOINT'))).toEqual([])
      await client.query('rollback')
    })

    test.each([
      'begin; insert into users (name) values ($1) on conflict (name) do nothing; commit',
      'savepoint b; insert into users (name) values ($1) on conflict (name) do nothing',
    ])('is sent once in a text that controls a transaction: %s', async (text) => {
      if (text.startsWith('savepoint')) await client.query('begin')
      sent.length = 0
      expect(await codeOf(client.query(text.replace('$1', "'ada'")))).toBe('23505')
      expect(sent).toEqual([rewritten])
      expect(await codeOf(client.query('select 1'))).toBe('25P02')
      await client.query('rollback')
    })

    test.each([
      'insert into users (name) values ($1) on conflict do nothing',
      'insert into users (name) values ($1)',
      'insert into users (id, name) values (7, $1) on conflict (id) do nothing',
      'insert into users (email, name) values ($1, $1) on conflict (email) do nothing',
    ])('any other insert is sent as before: %s', async (text) => {
      await client.query('begin')
      sent.length = 0
      const code = text.endsWith('conflict do nothing') ? 'done' : '23505'
      expect(await codeOf(client.query(text, ['ada']))).toBe(code)
      expect(sent).toEqual([rewritten])
      await client.query('rollback')
    })
  })

  describe('whether the other column refuses at once is told by the database', () => {
    afterEach(() => fixture.close())

    const without = TABLE.replace(' constraint users_full_name_key unique', '')
    const deferrable = TABLE.replace('users_full_name_key unique', 'users_full_name_key unique deferrable')
    const built = `${without}; create unique index users_full_name_key on users (full_name);
      update pg_index set indisvalid = false where indexrelid = 'users_full_name_key'::regclass`

    test.each<[string, string, number]>([
      ['there is no such index', without, 0],
      ['it is deferrable', deferrable, 1],
      ['the index is being built', built, 5],
      [
        'the index has more columns',
        TABLE.replace(' constraint users_full_name_key unique)', ', unique (hits, full_name))'),
        5,
      ],
      ['the index is on an expression', `${without}; create unique index on users ((full_name || ''))`, 5],
      ['the index is partial', `${without}; create unique index on users (full_name) where hits = 1`, 5],
      ['the constraint is one of exclusion', `${without}; alter table users add exclude (full_name with =)`, 5],
    ])('%s', async (_, sql, count) => {
      await open(sql)
      const guarded = count === 5
      const code = sql.includes('exclude') ? '23P01' : count === 0 ? 'done' : '23505'
      expect(await codeOf(client.query(UPSERT, ['ada']))).toBe(code)
      expect(sent).toEqual(times(count || 1, rewritten))
      await client.query('begin')
      sent.length = 0
      await codeOf(client.query(UPSERT, ['ada']))
      expect(sent.filter((text) => text === SET)).toHaveLength(guarded ? 1 : 0)
      await client.query('rollback')
    })

    test('an index that is younger than what is known of the table counts outside of transactions', async () => {
      await open(without)
      await fixture.bare.query('create unique index users_young on users (full_name)')
      expect(await codeOf(client.query(UPSERT, ['ada']))).toBe('23505')
      expect(sent).toEqual(times(5, rewritten))
    })
  })

  describe.each<[Phase, boolean]>([
    ['expand', false],
    ['switch', false],
    ['switch', true],
    ['contract', true],
  ])('phase %s, flag %s', (phase, flag) => {
    const OWN_SYNC = `${TABLE};
      create function sync() returns trigger language plpgsql as $$ begin
        if new.name is null then new.name := new.full_name; end if; return new;
      end $$;
      create trigger "${syncTriggerName(MIGRATION.id)}" before insert on users for each row execute function sync();
      insert into users (name, full_name) values ('eve', 'eva')`

    beforeEach(async () => {
      await loadParser()
      await open(OWN_SYNC, { phases: fixedPhases({ [MIGRATION.id]: phase }) })
      fixture.flags.set('name', flag)
    })
    afterEach(() => fixture.close())

    test('an upsert is sent again for the column that is not its target', async () => {
      const key = phase === 'contract' ? 'eve' : 'ada'
      await expect(client.query(UPSERT, [key])).rejects.toMatchObject({ code: '23505', constraint: 'users_name_key' })
      expect(sent).toHaveLength(5)
      const byName = UPSERT.replace('(name) do', 'on constraint users_name_key do')
      sent.length = 0
      expect(await codeOf(client.query(byName, [key]))).toBe('23505')
      expect(sent).toHaveLength(5)
    })

    if (phase === 'contract')
      test('and so it is where the old column is held', async () => {
        await fixture.bare.query('alter table users rename name to _ec_held_name')
        await fixture.bare.query(
          'create or replace function sync() returns trigger language plpgsql as $$ begin new._ec_held_name := new.full_name; return new; end $$',
        )
        const late = await fixture.client({}, { catalogRefreshMs: 1 })
        const texts = sentBy(late)
        expect(await codeOf(late.query(UPSERT, ['eve']))).toBe('23505')
        expect(texts.filter((text) => text.includes('"full_name"'))).toHaveLength(5)
      })
  })
})
