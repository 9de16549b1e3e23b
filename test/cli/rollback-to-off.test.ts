import pg from 'pg'
import { expect, test } from 'vitest'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

const ID = 'users.full_name'

test('what would refuse the last part of a way back is asked before the first, and the name of what goes is consent to all of it', async () => {
  const database = await createDatabase(newestMajor(), {
    sql: "create table users (id int primary key, name text); insert into users values (1, 'a'), (2, 'b')",
  })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  {
    await using project = await cliProject(
      database.url,
      `import { renameColumn } from '@expand-contract/core'
       export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })`,
      { soak: '0ms' },
    )
    const cli = async (...args: readonly string[]): Promise<void> => {
      const { code, stdout, stderr } = await project.run(args)
      expect([args, code, code === 0 ? '' : stdout + stderr]).toEqual([args, 0, ''])
    }
    const phase = async (): Promise<string> =>
      (await client.query('select phase from expand_contract.migrations')).rows[0].phase
    const name = `users.full_name@${database.name}`
    const back = (...more: readonly string[]) => project.run(['rollback', ID, '--to', 'off', ...more])
    await cli('init', '--yes')
    await cli('expand', ID, '--yes')
    await cli('backfill', ID)
    await cli('verify', ID)
    await cli('switch', ID, '--yes')
    await cli('verify', ID)
    await cli('contract', ID, '--yes', '--override', 'soak', '--reason', 'a test')
    await client.query('create view names as select full_name from users')

    const depends = await back('--confirm', name)
    expect(depends).toMatchObject({ code: 3, stderr: expect.stringContaining('EC_ROLLBACK_DEPENDS') })
    expect(await phase()).toBe('contract')
    await client.query('drop view names')

    const unnamed = await back('--yes')
    expect(unnamed).toMatchObject({ code: 5, stderr: expect.stringContaining(`--to off --confirm ${name}`) })
    expect(await phase()).toBe('contract')

    // Where the names of the columns are others, a part of the way comes first, and is told.
    await cli('hold', ID, '--yes')
    await client.query('create view names as select full_name from users')
    const partly = await back('--confirm', name)
    expect(partly.code).toBe(3)
    expect(partly.stderr).toMatch(/A part of the way is done: users\.full_name is in the phase contract by now\./u)
    expect(await phase()).toBe('contract')
    await client.query('drop view names')

    await cli('rollback', ID, '--to', 'off', '--confirm', name)
    expect(await phase()).toBe('off')
    expect((await client.query('select * from users order by id')).rows).toEqual([
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
    ])
  }
  await client.end()
  await database.drop()
})
