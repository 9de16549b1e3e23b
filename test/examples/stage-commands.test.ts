import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')

interface Application {
  readonly folder: string
  /** Its tables, as they are before. */
  readonly sql: string
  /** Each migration, with what its column is to be. */
  readonly added: Readonly<Record<string, { readonly table: string; readonly column: string; readonly type: string }>>
}

const FULL_NAME = { column: 'full_name', type: 'text' }

/** Each example that an operator may take through the stages; the demo is taken through all of them by its own test. */
const APPLICATIONS: readonly Application[] = [
  {
    folder: 'quick-start',
    sql: 'create table users (id int generated always as identity primary key, name text not null)',
    added: { 'users.full_name': { table: 'users', ...FULL_NAME } },
  },
  {
    folder: 'drizzle-shop',
    sql: `create table customers (id int generated always as identity primary key, name varchar(80) not null, email text not null unique,
        since timestamp not null default now());
      create table orders (id int generated always as identity primary key, customer_id int not null references customers,
        cents int not null default 0)`,
    added: {
      'customers.full_name': { table: 'customers', ...FULL_NAME },
      'orders.total_cents': { table: 'orders', column: 'total_cents', type: 'bigint' },
    },
  },
  {
    folder: 'typeorm-shop',
    sql: 'create table customers (id serial primary key, email text not null unique, name varchar(100) not null)',
    added: { 'customers.full_name': { table: 'customers', ...FULL_NAME } },
  },
  {
    folder: 'nest-users',
    sql: 'create table users (id serial primary key, token text not null unique, name varchar not null)',
    added: { 'users.full_name': { table: 'users', ...FULL_NAME } },
  },
]

const COLUMN = `select format_type(atttypid, atttypmod) as type from pg_attribute
  where attrelid = $1::regclass and attname = $2 and not attisdropped`

test.each(APPLICATIONS)(
  'the script of examples/$folder plans and expands',
  { timeout: 180_000 },
  async (application) => {
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
      for (const [id, { table, column, type }] of Object.entries(application.added)) {
        expect(await command(`plan ${id}`)).toMatch(new RegExp(`\\+ (?:add )?column ${column} ${type}`, 'u'))
        expect(await command(`expand ${id} --yes`)).toContain(`[ok] Expanded ${id}`)
        expect((await queryServer(database.url, COLUMN, [table, column])).rows).toEqual([{ type }])
        await queryServer(database.url, `select ${column} from ${table}`)
      }
      const { rows } = await queryServer(database.url, 'select id, phase from expand_contract.migrations order by id')
      expect(rows).toEqual(Object.keys(application.added).map((id) => ({ id, phase: 'expand' })))
    } finally {
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
