import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { queryServer, runScript } from '../support/query-server.ts'
import { TypeormCli } from './typeorm-cli.ts'

// One migration from its first day to its last; each test begins where the one before has ended.
describe("TypeORM's command-line tool", { timeout: 300_000 }, () => {
  let database: TestDatabase
  let typeorm: TypeormCli

  beforeAll(async () => {
    // As TypeORM makes it of the entity before anything is declared.
    const sql = `create table users (id serial constraint "PK_a3ffb1c0c8416b9fc6f907b7433" primary key,
        name varchar(100) not null default 'nobody');
      create index "IDX_51b8b26ac168fbe7d6f5653e6c" on users (name);
      insert into users (name) values ('Ada'), ('Bob')`
    database = await createDatabase(newestMajor(), { sql })
    typeorm = new TypeormCli(database.url)
  })

  afterAll(async () => {
    typeorm.remove()
    await database.drop()
  })

  it('adds the nullable column in Stage 1, and nothing else', async () => {
    expect(await typeorm.generate('declared', 'AddFullName')).toEqual(['ALTER TABLE "users" ADD "full_name" text'])
    await typeorm.migrate('declared')
    const { rows } = await queryServer(database.url, 'select * from users order by id')
    expect(rows).toEqual([
      { id: 1, name: 'Ada', full_name: null },
      { id: 2, name: 'Bob', full_name: null },
    ])
  })

  it('generates nothing while the migration is under way, whatever was put on the new column', async () => {
    await runScript(
      database.url,
      `update users set full_name = name;
       create index users_full_name on users (full_name);
       create unique index on users (full_name, id) where full_name <> '';
       alter table users add constraint users_full_name_key unique (full_name),
         add constraint users_full_name_given check (full_name is not null) not valid;
       alter table users validate constraint users_full_name_given;
       alter table users alter full_name set not null, alter full_name set default 'nobody';
       comment on column users.full_name is 'as on the passport'`,
    )
    expect(await typeorm.generate('declared', 'Nothing')).toBeUndefined()
    expect((await typeorm.run('declared', 'schema:log')).printed).toContain('Your schema is up to date')
    expect((await typeorm.run('declared', 'schema:sync')).exitCode).toBe(0)
    const { rows } = await queryServer(
      database.url,
      "select indexname from pg_indexes where indexdef like '%full_name%'",
    )
    expect(rows).toHaveLength(3)
  })

  it('refuses a data source that does not know of migrations, which would drop the column', async () => {
    const { printed, exitCode } = await typeorm.run('mistaken', 'schema:log')
    expect(exitCode).toBe(1)
    expect(printed).toContain('EC_TYPEORM_DATA_SOURCE')
    expect(printed).toContain('new MigratingDataSource')
  })

  it('drops the old column in Stage 4, when the declaration has become a plain column', async () => {
    await runScript(
      database.url,
      'alter table users drop constraint users_full_name_given, drop constraint users_full_name_key; drop index users_full_name_id_idx; comment on column users.full_name is null',
    )
    expect(await typeorm.generate('after', 'DropName')).toEqual([
      expect.stringMatching(/^DROP INDEX "public"."IDX_\w+"$/u),
      'ALTER TABLE "users" DROP COLUMN "name"',
    ])
    await typeorm.migrate('after')
    const { rows } = await queryServer(database.url, 'select * from users order by id')
    expect(rows).toEqual([
      { id: 1, full_name: 'Ada' },
      { id: 2, full_name: 'Bob' },
    ])
  })
})
