import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { read } from '../architecture/workspace.ts'
import { cliProject } from '../cli/run-cli.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'

const USERS = `create table users (id int primary key, name text not null);
  insert into users select n, 'user ' || n from generate_series(1, 2000) n;`

const DECLARATIONS = `import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })`

const blocks = (page: string, language: string): readonly string[] =>
  [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gmu'))].map(([, text = '']) => text)

/** The commands of a page, without what they are for. */
const commandsOf = (page: string): readonly string[] =>
  blocks(page, 'sh').flatMap((block) =>
    block
      .split('\n')
      .filter((line) => line.startsWith('npx expand-contract '))
      .map((line) => line.replace(/#.*$/u, '').replace('npx expand-contract ', '').trim()),
  )

const STAGES = ['expand', 'backfill', 'verify', 'switch']

/** They ask for a week of soak; docs/operations runs them behind an override. */
const LAST = new Set(['wait', 'contract', 'backup', 'hold', 'drop'])

test.each([
  ['README.md', ['init', ...STAGES]],
  ['packages/cli/README.md', ['init', 'plan', ...STAGES, 'status']],
])('the commands of %s take a migration to the phase switch', async (page, names) => {
  const commands = commandsOf(page)
  // `expand` runs doctor itself, so a page may name it, or leave it out.
  const named = commands.map((line) => line.split(' ')[0] ?? '').filter((name) => name !== 'doctor')
  expect(named.filter((name) => !LAST.has(name))).toEqual(names)
  const database = await createDatabase(newestMajor(), { sql: USERS })
  {
    await using project = await cliProject(database.url, DECLARATIONS)
    for (const command of commands) {
      if (LAST.has(command.split(' ')[0] ?? '')) continue
      // What autovacuum does within a minute, and what a person answers.
      if (command.startsWith('switch')) await queryServer(database.url, 'analyze users')
      const { code, stderr } = await project.run([...command.split(' '), '--yes'])
      // What doctor finds of a server that others share is not a failure of the page.
      const fine = code === 0 || (command.startsWith('doctor') && code === 4)
      expect([command, fine, fine ? '' : stderr]).toEqual([command, true, ''])
    }
  }
  const { rows } = await queryServer(database.url, 'select id, phase from expand_contract.migrations')
  expect(rows).toEqual([{ id: 'users.full_name', phase: 'switch' }])
  await database.drop()
})

/** What a README leaves to its reader, and what has to be ended for its program to end. */
const PROGRAMS = [
  {
    page: 'packages/runner/README.md',
    before: 'const connectionString = process.env.DATABASE_URL\n',
    after: '',
    printed: /^2000 true$/mu,
  },
  {
    page: 'packages/control/README.md',
    before: `import pg from 'pg'
      const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
      const flags = { isEnabled: () => false }
      `,
    after: 'await pool.end()\nawait runtime.close()\nconsole.log(controlSql().length > 0)\n',
    printed: /^true$/mu,
  },
]

test.each(PROGRAMS)('the example of $page runs', { timeout: 300_000 }, async ({ page, before, after, printed }) => {
  const file = join(import.meta.dirname, `.readme-${randomUUID()}.ts`)
  const database = await createDatabase(newestMajor(), { sql: USERS })
  try {
    await writeFile(file, [before, ...blocks(page, 'ts'), after].join('\n'))
    const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@expand-contract/source', file], {
      env: { ...process.env, DATABASE_URL: database.url },
    })
    expect(stdout).toMatch(printed)
  } finally {
    await rm(file, { force: true })
    await database.drop()
  }
})
