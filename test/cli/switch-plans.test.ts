import { openControl, reportInstance } from '@expand-contract/control'
import { fingerprintOf, loadParser } from '@expand-contract/sql'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })
`
const TEXT = 'select id from users where name = $1'

test('switch is refused while a statement gets markedly dearer, shows both plans, and records who has accepted that and why', async () => {
  await loadParser()
  const database = await createDatabase(newestMajor(), {
    sql: `create table users (id int primary key, name text);
      insert into users select n, 'user ' || n from generate_series(1, 20000) n; create index users_name on users (name);`,
  })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await using project = await cliProject(database.url, DECLARATIONS)
  const cli = (...args: string[]) => project.run(args)
  const id = 'users.full_name'
  for (const line of [`init --yes`, `expand ${id} --yes`, `backfill ${id}`, `verify ${id}`])
    expect(await cli(...line.split(' '))).toMatchObject({ code: 0 })
  await client.query('drop index if exists users_full_name_idx')
  await client.query(`do $$ declare each text; begin
    for each in select indexrelid::regclass from pg_index where indrelid = 'users'::regclass
      and pg_get_indexdef(indexrelid) like '%full_name%' loop execute 'drop index ' || each; end loop; end $$`)
  await client.query('analyze users')
  const fingerprint = fingerprintOf(TEXT) ?? ''
  await reportInstance(openControl(client), {
    ...{ id: 'web-1', application: 'web', appVersion: undefined, libraryVersion: '0', host: undefined, leaseMs: 1_000 },
    ...{ everyMs: 5_000, leaving: true, acknowledged: {}, declarations: {}, reads: {} },
    statements: [
      {
        ...{ migration: id, fingerprint, side: 'old', outcome: 'rewritten', reason: '', kind: 'SELECT', count: 9 },
        ...{ message: undefined, text: TEXT },
      },
    ],
  })

  const refused = await cli('switch', id, '--yes')
  expect(refused).toMatchObject({ code: 3 })
  expect(refused.stdout).toContain('[no] plans')
  expect(refused.stdout).toContain(`--accept plans:${fingerprint} --reason`)
  expect(refused.stdout).not.toContain('Filter: (full_name = $1)')
  expect((await cli('switch', id, '--dry-run', '--verbose')).stdout).toMatch(
    /on the old column:\n +.*users_name[\s\S]*on the new column:\n +Seq Scan on users .*\n +Filter: \(full_name = \$1\)/u,
  )
  expect((await cli('switch', id, '--json')).json().at(-1)).toMatchObject({
    result: { switched: false, plans: { named: [{ fingerprint, dearer: true, newPlan: expect.any(String) }] } },
  })
  expect(await cli('switch', id, '--yes', '--accept', `plans:${fingerprint}`)).toMatchObject({ code: 2 })
  expect(await cli('switch', id, '--yes', '--accept', 'soak', '--reason', 'x')).toMatchObject({ code: 2 })
  const wrong = await cli('switch', id, '--yes', '--accept', `plans:${'0'.repeat(16)}`, '--reason', 'x')
  expect(wrong).toMatchObject({ code: 3 })
  const parity = refused.stdout.includes('[no] parity')
  const accepted = await cli('switch', id, '--yes', '--accept', `plans:${fingerprint}`, '--reason', 'a report at night')
  expect(accepted.stdout).not.toContain('[no] plans')
  if (!parity) {
    expect(accepted).toMatchObject({ code: 0 })
    expect((await cli('log', '--json')).json().at(-1)).toMatchObject({
      result: {
        events: expect.arrayContaining([
          expect.objectContaining({
            kind: 'plan-accepted',
            figures: { fingerprint, ratio: expect.any(Number), reason: 'a report at night' },
          }),
        ]),
      },
    })
  }
  await client.end()
  await database.drop()
})
