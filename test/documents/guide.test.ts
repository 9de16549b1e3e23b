import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { letDaysPass } from '../../examples/demo/src/simulated-clock.ts'
import { gitProject } from '../check/git-project.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { startGuideApplication } from './guide-application.ts'
import { alike, guideBlocks, shownParts } from './guide-blocks.ts'

const page = (path: string): string => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')
const [GUIDE, README] = [page('docs/guide.md'), page('README.md')]

const SCHEMA = `create table users (id int primary key, name text not null, nickname text);
  create table orders (id int primary key, quantity int not null);
  insert into users select n, 'user ' || n from generate_series(1, 500) n; create index users_name on users (name);`

const DECLARATIONS = `import { renameColumn } from '@expand-contract/core'
export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })
`

/** The process has reported what it reads, and what it sends. */
const READS_NEW_ALONE = `select from expand_contract.instances, jsonb_each(reads) each(id, of)
  where (of ->> 'oldRate')::float8 = 0 and (of ->> 'newRate')::float8 > 0`
const REPORTED = `select from expand_contract.statements where kind = 'SELECT'`

/** On a busy machine the process may come to no read between two heartbeats: such a report leaves the rates of the one before. */
const KEEP_RATES = `create function keep_rates() returns trigger language plpgsql as $$ begin
    if not exists (select from jsonb_each(new.reads) each(id, of) where (of ->> 'oldRate')::float8 + (of ->> 'newRate')::float8 > 0)
    then new.reads := old.reads; end if; return new; end $$;
  create trigger keep_rates before update on expand_contract.instances for each row execute function keep_rates()`

const seen = (client: pg.Client, sql: string): Promise<void> =>
  vi.waitFor(async () => expect((await client.query(sql)).rows).toHaveLength(1), { timeout: 60_000, interval: 50 })

test('what the README shows is in the guide', () => {
  const said = guideBlocks(README).flatMap((block) => (block.kind === 'said' ? shownParts(block.text) : []))
  const screens = said.filter((part) => part.startsWith('Refused'))
  expect(screens).toHaveLength(1)
  for (const screen of screens) expect(alike(GUIDE)).toContain(screen)
})

test('the commands of the guide do what it says, and what it shows is what they say', {
  timeout: 300_000,
}, async () => {
  const database = await createDatabase(newestMajor(), { sql: SCHEMA })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  const application = await startGuideApplication(database.url)
  {
    await using project = await gitProject({ 'src/migrations.js': DECLARATIONS })
    const env = { DATABASE_URL: database.url }
    let files: readonly string[] = []
    let said = ''
    for (const block of guideBlocks(GUIDE)) {
      if (block.kind === 'file') {
        await project.write({ [block.path]: block.text })
        files = [...files, block.path]
      } else if (block.kind === 'said') {
        let rest = alike(said)
        for (const part of shownParts(block.text)) {
          expect.soft(rest, said).toContain(part)
          rest = rest.slice(rest.indexOf(part) + part.length)
        }
      } else if (block.kind === 'aside') {
        const days = Number(/^(\d+) days? pass/u.exec(block.text)?.[1] ?? 0)
        if (days > 0) await letDaysPass(client, days)
        else {
          application.flag = block.text === 'the flag goes on'
          await seen(client, READS_NEW_ALONE)
        }
      } else {
        // What autovacuum does within a minute, and what each process does within a second.
        await client.query('analyze users')
        await project.run(['wait', 'users.full_name', '--for', 'acknowledged', '--timeout', '60s'], { env })
        const words = block.words.map((word) => word.replace('@shop', `@${database.name}`))
        const { code, stdout, stderr } = await project.run(words, { env })
        said = (stderr + stdout).replaceAll(database.name, 'shop')
        expect([block.line, code, code === block.exitCode ? '' : said]).toEqual([block.line, block.exitCode, ''])
        if (words[0] === 'init') await client.query(KEEP_RATES)
        if (words[0] === 'init') await seen(client, REPORTED)
        if (words[0] === 'check') for (const file of files) await rm(join(project.folder, file))
        if (words[0] === 'check') files = []
      }
    }
  }
  await application.stop()
  await client.end()
  await database.drop()
})
