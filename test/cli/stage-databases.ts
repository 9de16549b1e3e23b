import pg from 'pg'
import { type CreateDatabase, createDatabase, createDatabaseOn, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { type CliProject, cliProject } from './run-cli.ts'

export const ID = 'users.full_name'

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })
`

/** So much that parity has indexes, constraints and statistics to build, and a backfill several batches. */
const SCHEMA = `
  create table users (id int primary key, name text not null default 'nobody', email text);
  insert into users select n, repeat('user ' || n, 20), 'u' || n from generate_series(1, 3000) n;
  create index users_name on users (name text_pattern_ops);
  alter table users add constraint name_short check (length(name) < 10000);
  alter table users alter column name set statistics 50;
  comment on column users.name is 'As on the passport';`

/** A process that has acknowledged just now, and reads the new column. */
export const REPORT = `insert into expand_contract.instances (id, application, library_version, role, lease_ms, every_ms, acknowledged, declarations, reads, started_at)
  select 'web-1', 'web', '1', 'web', 100, 3600000, jsonb_build_object(id, epoch), jsonb_build_object(id, declaration_hash),
    jsonb_build_object(id, '{"old": 0, "new": 9, "oldRate": 0, "newRate": 1}'::jsonb), now() - interval '30 days' from expand_contract.migrations
  on conflict (id) do update set acknowledged = excluded.acknowledged, reads = excluded.reads, heartbeat_at = clock_timestamp()`

const HELD_LONG = `update expand_contract.events set at = at - interval '3 days' where kind = 'phase' and figures ->> 'to' = 'hold'`

const DIFFERING = `do $$ declare name text; begin
  select tgname into name from pg_trigger where tgrelid = 'users'::regclass and tgname like '~%';
  execute format('alter table users disable trigger %I', name);
  update users set full_name = 'differs' where id % 300 = 0;
  execute format('alter table users enable always trigger %I', name);
end $$`

/** Each stands on the one that it names: what is run there, and the SQL behind that. */
const STAGES = {
  begun: { on: undefined, lines: ['init --yes'], sql: '' },
  expanded: { on: 'begun', lines: [`expand ${ID} --yes`], sql: '' },
  unbuilt: { on: 'expanded', lines: [`backfill ${ID} --no-parity`], sql: 'analyze users' },
  backfilled: { on: 'expanded', lines: [`backfill ${ID}`], sql: 'analyze users' },
  differing: { on: 'backfilled', lines: [], sql: DIFFERING },
  verified: { on: 'backfilled', lines: [`verify ${ID}`], sql: REPORT },
  switched: { on: 'verified', lines: [`switch ${ID} --yes`, `verify ${ID}`], sql: REPORT },
  contracted: {
    on: 'switched',
    lines: [`contract ${ID} --override soak --reason test --yes`],
    sql: REPORT,
  },
  held: { on: 'contracted', lines: [`hold ${ID} --yes`, `backup ${ID}`], sql: `${REPORT}; ${HELD_LONG}` },
} as const

export type StageState = keyof typeof STAGES

export interface StageDatabase extends AsyncDisposable {
  readonly url: string
  readonly name: string
  readonly client: pg.Client
}

/** A project, and databases that stand at one of the stages: each is made once, by the commands, and cloned. */
export class StageDatabases {
  readonly project: CliProject
  readonly #create: (options: CreateDatabase) => Promise<TestDatabase>
  readonly #made = new Map<StageState, TestDatabase>()

  private constructor(create: (options: CreateDatabase) => Promise<TestDatabase>, project: CliProject) {
    this.#create = create
    this.project = project
  }

  /** On the server of a major, or on that of a URL. */
  static async open(server: PostgresMajor | string): Promise<StageDatabases> {
    const create = (options: CreateDatabase): Promise<TestDatabase> =>
      typeof server === 'string' ? createDatabaseOn(server, options) : createDatabase(server, options)
    return new StageDatabases(create, await cliProject('postgres://none', DECLARATIONS))
  }

  /** A database alone, to which nobody is connected. */
  async database(state: StageState): Promise<TestDatabase> {
    return this.#create({ template: (await this.#template(state)).name })
  }

  async at(state: StageState): Promise<StageDatabase> {
    const database = await this.database(state)
    const client = new pg.Client({ connectionString: database.url, application_name: 'test' })
    await client.connect()
    return {
      ...{ url: database.url, name: database.name, client },
      async [Symbol.asyncDispose]() {
        await client.end()
        await database.drop()
      },
    }
  }

  async #template(state: StageState): Promise<TestDatabase> {
    const found = this.#made.get(state)
    if (found !== undefined) return found
    const { on, lines, sql } = STAGES[state]
    const base = on === undefined ? { sql: SCHEMA } : { template: (await this.#template(on)).name }
    const database = await this.#create(base)
    this.#made.set(state, database)
    for (const line of lines) {
      const { code, stderr, stdout } = await this.project.run(line.split(' '), {
        env: { DATABASE_URL: database.url },
      })
      if (code !== 0) throw new Error(`${line}: ${code}\n${stderr}${stdout}`)
    }
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    if (sql !== '') await client.query(sql)
    await client.end()
    return database
  }

  async close(): Promise<void> {
    for (const database of this.#made.values()) await database.drop()
    await this.project[Symbol.asyncDispose]()
  }
}
