import pg from 'pg'
import { expect, test } from 'vitest'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { type CliAnswer, cliProject } from './run-cli.ts'

const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' })
`

test('what the new column lacks is named with its SQL, keeps reads where they are until it is accepted by name and with a reason, and stays on record', async () => {
  const database = await createDatabase(newestMajor(), {
    sql: `create table users (id int primary key, name text, constraint users_excluded exclude using btree (name with =));
      insert into users select n, 'user ' || n from generate_series(1, 30) n;`,
  })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await using project = await cliProject(database.url, DECLARATIONS)
  const cli = (...args: string[]) => project.run(args)
  const id = 'users.full_name'
  const what = 'index users_excluded'
  const answers: CliAnswer[] = []
  for (const line of ['init --yes', `expand ${id} --yes`, `backfill ${id}`, `verify ${id}`])
    answers.push(await cli(...line.split(' ')))
  expect(answers.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  expect(answers[2]?.stdout).toContain(`${what} is yours to decide`)

  const refused = await cli('switch', id, '--yes')
  expect(refused).toMatchObject({ code: 3, stdout: expect.stringContaining('[no] parity') })
  expect(refused.stdout.replaceAll(/\s+/gu, ' ')).toContain(`--accept 'parity:${what}' --reason`)
  expect(await cli('switch', id, '--yes', '--accept', `parity:${what}`)).toMatchObject({ code: 2 })
  expect(await cli('switch', id, '--yes', '--accept', 'parity:users_other', '--reason', 'x')).toMatchObject({ code: 3 })
  expect((await cli('status', id)).stdout).not.toContain('Without:')

  const accepted = await cli('switch', id, '--yes', '--accept', `parity:${what}`, '--reason', 'a unique index does it')
  expect(accepted).toMatchObject({ code: 0 })
  const log = (await cli('log', id, '--json')).json().at(-1)
  expect(log).toMatchObject({
    result: {
      events: expect.arrayContaining([
        expect.objectContaining({
          ...{ kind: 'parity-accepted', who: 'dana@ops-2' },
          figures: { names: [what], reason: 'a unique index does it' },
        }),
      ]),
    },
  })
  const words = (text: string): string => text.replaceAll(/\s+/gu, ' ')
  expect(words((await cli('status', id)).stdout)).toContain(`Without: ${what} (dana@ops-2: a unique index does it)`)
  expect(words((await cli('runbook', id)).stdout)).toContain(
    `the new column goes without ${what}: a unique index does it`,
  )
  // Another life has nothing of it.
  await cli('rollback', id, '--to', 'expand', '--yes')
  await cli('rollback', id, '--to', 'off', '--confirm', `users.full_name@${database.name}`)
  await cli('expand', id, '--yes')
  expect((await cli('status', id)).stdout).not.toContain('Without:')
  await client.end()
  await database.drop()
})
