import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { runCli } from '../cli/run-cli.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')

interface Application {
  readonly folder: string
  /** Its tables, as they are before. */
  readonly sql: string
  /** Some rows of them. */
  readonly rows: string
  /** Each migration, with what its column is to be. */
  readonly added: Readonly<Record<string, { readonly table: string; readonly column: string; readonly type: string }>>
}

/** In the order of the READMEs. */
const STAGES = [
  ...['init', 'plan', 'expand', 'backfill', 'verify', 'switch'],
  ...['wait', 'verify', 'contract', 'hold', 'backup', 'wait', 'drop'],
]

interface Asked {
  readonly id: string
  readonly database: string
  readonly backups: string
}

/** What a person answers to the question, and where a test keeps a backup. */
const ANSWERS: Readonly<Record<string, (asked: Asked) => readonly string[]>> = {
  backup: ({ id, backups }) => ['--out', join(backups, `${id}.zst`)],
  drop: ({ id, database }) => ['--confirm', `${OLD[id]}@${database}`],
}

const OLD: Readonly<Record<string, string>> = {
  'users.full_name': 'users.name',
  'customers.full_name': 'customers.name',
  'orders.total_cents': 'orders.cents',
}

const FULL_NAME = { column: 'full_name', type: 'text' }

/** Each example that an operator may take through the stages; the demo is taken through all of them by its own test. */
const APPLICATIONS: readonly Application[] = [
  {
    folder: 'quick-start',
    sql: 'create table users (id int generated always as identity primary key, name text not null)',
    rows: "insert into users (name) select 'user ' || n from generate_series(1, 50) n",
    added: { 'users.full_name': { table: 'users', ...FULL_NAME } },
  },
  {
    folder: 'drizzle-shop',
    sql: `create table customers (id int generated always as identity primary key, name varchar(80) not null, email text not null unique,
        since timestamp not null default now());
      create table orders (id int generated always as identity primary key, customer_id int not null references customers,
        cents int not null default 0)`,
    rows: `insert into customers (name, email) select 'customer ' || n, n from generate_series(1, 50) n;
      insert into orders (customer_id, cents) select n, n from generate_series(1, 50) n`,
    added: {
      'customers.full_name': { table: 'customers', ...FULL_NAME },
      'orders.total_cents': { table: 'orders', column: 'total_cents', type: 'bigint' },
    },
  },
  {
    folder: 'typeorm-shop',
    sql: 'create table customers (id serial primary key, email text not null unique, name varchar(100) not null)',
    rows: "insert into customers (name, email) select 'customer ' || n, n from generate_series(1, 50) n",
    added: { 'customers.full_name': { table: 'customers', ...FULL_NAME } },
  },
  {
    folder: 'nest-users',
    sql: 'create table users (id serial primary key, token text not null unique, name varchar not null)',
    rows: "insert into users (name, token) select 'user ' || n, n from generate_series(1, 50) n",
    added: { 'users.full_name': { table: 'users', ...FULL_NAME } },
  },
]

/** The commands of a README, without what they are for. */
const readmeCommands = (folder: string): readonly string[] =>
  [...readFileSync(join(EXAMPLES, folder, 'README.md'), 'utf8').matchAll(/^ {4}pnpm expand-contract ([^#\n]*)/gmu)].map(
    ([, line = '']) => line.trim(),
  )

/** What the application does meanwhile: it has acknowledged, and reads the new columns. */
const REPORT = `insert into expand_contract.instances (id, application, library_version, role, lease_ms, every_ms, acknowledged, declarations, reads, started_at)
  select 'web-1', 'web', '1', 'web', 100, 3600000, jsonb_object_agg(id, epoch), jsonb_object_agg(id, declaration_hash),
    jsonb_object_agg(id, '{"old": 0, "new": 9, "oldRate": 0, "newRate": 1}'::jsonb), now() - interval '30 days' from expand_contract.migrations having count(*) > 0
  on conflict (id) do update set acknowledged = excluded.acknowledged, declarations = excluded.declarations, reads = excluded.reads, heartbeat_at = clock_timestamp()`

/** Time passes, and what autovacuum does within a minute. */
const BEFORE: Readonly<Record<string, string>> = {
  switch: 'analyze',
  'wait --for soaked': `update expand_contract.migrations set changed_at = now() - interval '7 days'`,
  'wait --for droppable': `update expand_contract.events set at = at - interval '3 days' where kind = 'phase' and figures ->> 'to' = 'hold'`,
}

test.each(APPLICATIONS)('the script of examples/$folder plans', { timeout: 180_000 }, async (application) => {
  const cwd = join(EXAMPLES, application.folder)
  const { scripts } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>
  }
  const [, ...words] = (scripts['expand-contract'] ?? '').split(' ')
  const database = await createDatabase(newestMajor(), { sql: application.sql })
  const command = async (line: string): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, [...words, ...line.split(' ')], {
      cwd,
      env: { ...process.env, DATABASE_URL: database.url },
    })
    return stdout
  }
  try {
    expect(await command('init --yes')).toContain('Installed the control schema')
    // The other commands are run in this process, below.
    const [[id, { column, type }] = ['', { column: '', type: '' }]] = Object.entries(application.added)
    expect(await command(`plan ${id}`)).toMatch(new RegExp(`\\+ (?:add )?column ${column} ${type}`, 'u'))
  } finally {
    await database.drop()
  }
})

test.each(APPLICATIONS)(
  'the commands of the README of examples/$folder lead to the drop',
  { timeout: 180_000 },
  async ({ folder, sql, added, rows }) => {
    const database = await createDatabase(newestMajor(), { sql: `${sql}; ${rows}` })
    const backups = mkdtempSync(join(tmpdir(), 'ec-example-'))
    const [first = ''] = Object.keys(added)
    const commands = readmeCommands(folder)
    expect(commands.map((line) => line.split(' ')[0])).toEqual(STAGES)
    try {
      for (const [nr, id] of Object.keys(added).entries())
        for (const line of commands.slice(nr === 0 ? 0 : 1).map((each) => each.replace(first, id))) {
          const [name = '', ...more] = line.split(' ')
          const before = BEFORE[name] ?? BEFORE[[name, ...more.slice(1, 3)].join(' ')]
          if (before !== undefined) await queryServer(database.url, before)
          if (name !== 'init') await queryServer(database.url, REPORT)
          const answers = ANSWERS[name]?.({ id, database: database.name, backups }) ?? ['--yes']
          const env = { DATABASE_URL: database.url }
          const { code, stdout, stderr } = await runCli([name, ...more, ...answers], {
            cwd: join(EXAMPLES, folder),
            env,
          })
          expect([line, code, code === 0 ? '' : stderr + stdout]).toEqual([line, 0, ''])
        }
      const { rows: phases } = await queryServer(
        database.url,
        'select id, phase from expand_contract.migrations order by id',
      )
      expect(phases).toEqual(Object.keys(added).map((id) => ({ id, phase: 'dropped' })))
      for (const { table, column } of Object.values(added))
        expect((await queryServer(database.url, `select from ${table} where ${column} is null`)).rows).toEqual([])
    } finally {
      rmSync(backups, { recursive: true })
      await database.drop()
    }
  },
)

test('the declaration that the commands of the quick start read is that of the program', () => {
  const read = (file: string): string => readFileSync(join(EXAMPLES, 'quick-start', file), 'utf8')
  const declaration = /^export (?<text>const fullName = .*)$/mu.exec(read('migrations.ts'))?.groups?.text ?? ''
  expect(declaration).not.toBe('')
  expect(read('quick-start.ts')).toContain(declaration)
})
