import { renameColumn } from '@expand-contract/core'
import { syncTriggerName } from '@expand-contract/sql'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { EngineFixture } from './engine-fixture.ts'

const TABLE = `create table users (id int primary key, name text, full_name text, seen timestamptz);
  create table audit (id int, name text);`

const trigger = (body: string, on: string): string => `
  create function written() returns trigger language plpgsql as $f$ begin ${body}; return null; end $f$;
  create trigger writer ${on} for each row execute function written();`

/** What is in a schema of its own, beside the tables, and what is told of it; nothing where there is no third. */
const CASES: readonly (readonly [name: string, sql: string, told?: string])[] = [
  [
    'dynamic SQL',
    trigger(
      "execute format('update %I set name = lower(name) where id = %s', tg_table_name, new.id)",
      'after insert on users',
    ),
    'the trigger "writer" (AFTER INSERT) updates "name" by dynamic SQL (EXECUTE)',
  ],
  [
    'a function that is called',
    `create function touch(int) returns void language sql as $f$ update users set full_name = 'x' where id = $1 $f$;
       create procedure hand_on(i int) language plpgsql as $f$ begin perform touch(i); end $f$;
       ${trigger('call hand_on(new.id)', 'after update on users')}`,
    'the trigger "writer" (AFTER UPDATE) calls hand_on(), which calls touch(), which updates "full_name"',
  ],
  [
    'a function with a body that is parsed',
    `create function touch(i int) returns void begin atomic update users set name = 'x' where id = i; end;
       ${trigger('perform touch(new.id)', 'after insert or update on users')}`,
    'the trigger "writer" (AFTER INSERT OR UPDATE) calls touch(), which updates "name"',
  ],
  [
    'a trigger on DELETE',
    trigger("update users set name = 'gone' where id = old.id", 'before delete on users'),
    'the trigger "writer" (BEFORE DELETE) updates "name"',
  ],
  [
    'a rule on DELETE',
    `create rule soft as on delete to users do instead update users set name = 'gone' where id = old.id;`,
    'the rule "soft" (ON DELETE) updates "name"',
  ],
  [
    'an INSTEAD OF trigger of a view on a view',
    `create view people as select id from users; create view folk as select * from people;
       ${trigger("update users set name = 'x' where id = new.id", 'instead of update on folk')}`,
    'the trigger "writer" (INSTEAD OF UPDATE) of SCHEMA.folk updates "name"',
  ],
  [
    'a rule of a view',
    `create view people as select id, seen from users;
       create rule soft as on delete to people do instead update users set full_name = null where id = old.id;`,
    'the rule "soft" (ON DELETE) of SCHEMA.people updates "full_name"',
  ],
  [
    'a trigger of a child',
    `create table more_users () inherits (users);
       ${trigger('execute tg_argv[0]', 'after insert on more_users')}`,
    'the trigger "writer" (AFTER INSERT) of SCHEMA.more_users may write it by dynamic SQL (EXECUTE)',
  ],

  ['an audit trigger', trigger('insert into audit values (old.id, old.name)', 'after update or delete on users')],
  [
    'an audit trigger that calls a function',
    `create function log_name(i int, n text) returns void language sql as $f$ insert into audit values (i, n) $f$;
       ${trigger('perform log_name(new.id, new.name)', 'after insert or update on users')}`,
  ],
  [
    'an audit trigger with dynamic SQL',
    trigger("execute format('insert into audit select %L, %L', new.id, new.name)", 'after insert or update on users'),
  ],
  [
    'an audit trigger for any table',
    `create schema log; create table log.users (like users);
       ${trigger("execute format('insert into log.%I select ($1).*', tg_table_name) using new", 'after insert or update on users')}`,
  ],
  [
    'a soft deletion by another column',
    trigger('update users set seen = now() where id = old.id', 'before delete on users'),
  ],
  [
    'a trigger that is disabled',
    `${trigger("execute 'update ' || tg_table_name || ' set name = 1'", 'after insert on users')} alter table users disable trigger writer;`,
  ],
  [
    'a table with the sync trigger',
    `${trigger("execute 'update ' || tg_table_name || ' set name = 1'", 'after insert on users')}
       create function sync() returns trigger language plpgsql as $f$ begin new.full_name := new.name; return new; end $f$;
       create trigger "SYNC_TRIGGER" before insert or update on users for each row execute function sync();`,
  ],
  [
    'the trigger of ours that only comes first, which keeps nothing in step',
    `create function fill() returns trigger language plpgsql as $f$ begin new.full_name := new.name; return new; end $f$;
      create trigger "!expand_contract_sync_1" before insert or update on users for each row execute function fill();
      ${trigger("execute 'update ' || tg_table_name || ' set name = 1'", 'after delete on users')}`,
    'the trigger "writer" (AFTER DELETE) updates "name" by dynamic SQL (EXECUTE)',
  ],
]

/** What writes a migrating table where no plan sees it: told once, and never refused for it. */
describe.each(postgresMajors())('PostgreSQL %i: writers that are not seen', (major) => {
  describe('each in a schema', () => {
    let fixture: EngineFixture
    let seen: string

    beforeAll(async () => {
      const migrations = CASES.map((_, nr) => renameColumn({ table: `s${nr}.users`, from: 'name', to: 'full_name' }))
      const sql = CASES.map(([, script], nr) =>
        `create schema s${nr}; set search_path = s${nr}; ${TABLE} ${script}`.replaceAll(
          'SYNC_TRIGGER',
          syncTriggerName(migrations[nr]?.id ?? ''),
        ),
      )
      fixture = await EngineFixture.open(major, { sql: sql.join('\n'), migrations, catalogRefreshMs: 0 })
      for (const client of [await fixture.client(), await fixture.client()]) {
        await client.query('select name from s0.users')
        await fixture.bare.query('alter table s0.users add column more int; alter table s0.users drop column more')
        await client.query('select name from s0.users')
      }
      seen = fixture.warnings.map(({ message }) => message).join('\n')
    })
    afterAll(() => fixture?.close())

    test.each(CASES.map(([name, , told], nr) => ({ name, told, nr })))('$name', ({ told, nr }) => {
      const warnings = fixture.warnings.filter(({ migration }) => migration === `s${nr}.users.full_name`)
      const what = told?.replaceAll('SCHEMA', `s${nr}`)
      expect(warnings).toEqual(
        what === undefined
          ? []
          : [
              expect.objectContaining({
                code: 'unseen-writer',
                message: expect.stringContaining(
                  `The table s${nr}.users may be written where the library cannot see it: ${what}.`,
                ),
              }),
            ],
      )
    })

    test('all of them were looked at', () => {
      expect(fixture.warnings).toHaveLength(CASES.filter(([, , told]) => told !== undefined).length)
      expect(seen).toContain('install the sync trigger')
    })
  })

  let fixture: EngineFixture | undefined

  afterEach(async () => {
    await fixture?.close()
    fixture = undefined
  })

  async function warningsOf(sql: string): Promise<readonly string[]> {
    const migrations = [renameColumn({ table: 'users', from: 'name', to: 'full_name' })]
    fixture = await EngineFixture.open(major, { sql, migrations, catalogRefreshMs: 0 })
    await (await fixture.client()).query('select name from users')
    return fixture.warnings.map(({ message }) => message)
  }

  test('a statement is sent all the same, and what is refused is not told', async () => {
    const dynamic = trigger(
      "execute format('update %I set seen = now(), name = lower(name)', tg_table_name)",
      'after insert on users',
    )
    expect(await warningsOf(`${TABLE} ${dynamic}`)).toHaveLength(1)
    const client = await fixture?.client()
    await client?.query("insert into users (id, name) values (1, 'Ada')")
    await fixture?.close()

    const seen = trigger("execute 'update users set name = 1'", 'after insert on users')
    expect(await warningsOf(`${TABLE} ${seen}`)).toEqual([])
    const other = await fixture?.client()
    await expect(other?.query("insert into users (id, name) values (1, 'Ada')")).rejects.toMatchObject({
      reasons: [{ code: 'user-trigger' }],
    })
  })
})
