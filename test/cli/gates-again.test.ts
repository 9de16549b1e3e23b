import { PassThrough } from 'node:stream'
import pg from 'pg'
import { expect, test } from 'vitest'
import { CommandContext } from '../../packages/cli/src/command-context.ts'
import { commands } from '../../packages/cli/src/commands/commands.ts'
import { Output } from '../../packages/cli/src/output/output.ts'
import { listenForStop } from '../../packages/cli/src/stop-signal.ts'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { cliProject } from './run-cli.ts'

const id = 'users.full_name'
const DECLARATIONS = `
  import { renameColumn } from '@expand-contract/core'
  export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })`

/** A person who thinks about the question while something else happens. */
class SlowAnswer extends CommandContext {
  meanwhile: () => Promise<unknown> = async () => undefined

  override async confirm(): Promise<void> {
    await this.meanwhile()
  }

  override async confirmName(): Promise<void> {
    await this.meanwhile()
  }
}

const FAILED_PASS = `insert into expand_contract.verifications (migration, epoch, clean, rows, counts, started_at, who)
  select id, epoch, false, 1, '{"differs": 1}', now(), 'test' from expand_contract.migrations`

test('what a step asks for is asked again when the question is answered, and nothing is changed where it is gone', async () => {
  const database = await createDatabase(newestMajor(), {
    sql: "create table users (id int primary key, name text); insert into users select n, 'u' || n from generate_series(1, 20) n",
  })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  {
    await using project = await cliProject(database.url, DECLARATIONS, { hold: '0ms' })
    const done = async (line: string): Promise<void> => {
      const { code, stdout, stderr } = await project.run(line.split(' '))
      expect([line, code, code === 0 ? '' : stdout + stderr]).toEqual([line, 0, ''])
    }
    const phase = async (): Promise<string> =>
      (await client.query('select phase from expand_contract.migrations')).rows[0].phase
    /** The command, asked while `sql` is run. */
    const during = async (name: string, sql: string, options: Readonly<Record<string, unknown>> = {}) => {
      const sink = { write: () => true }
      const io = {
        ...{ stdin: new PassThrough(), stdout: sink, stderr: sink, env: { DATABASE_URL: database.url } },
        ...{ cwd: project.folder, user: 'dana', host: 'ops-2', pid: 90_211, onSignal: () => () => undefined },
      }
      const output = new Output(io, { json: false, quiet: true, color: false })
      const context = new SlowAnswer({ io, globals: {}, output, stop: listenForStop(io, output), command: name })
      context.meanwhile = () => client.query(sql)
      const before = await phase()
      const result = await commands.find((each) => each.name === name)?.run(context, [id], options)
      expect([name, result?.ending, await phase()]).toEqual([name, 'refused', before])
      return result?.gates?.filter(({ ok }) => !ok).map((gate) => gate.id)
    }

    for (const line of ['init --yes', `expand ${id} --yes`, `backfill ${id}`, `verify ${id}`]) await done(line)
    await client.query('analyze users')
    expect(await during('switch', FAILED_PASS)).toEqual(['verified'])
    await done(`verify ${id}`)
    await done(`switch ${id} --yes`)
    await done(`verify ${id}`)
    const override = { override: 'soak', reason: 'test' }
    expect(await during('contract', 'create view listed as select name from users', override)).toEqual(['dependents'])
    await client.query('drop view listed')
    await done(`contract ${id} --override soak --reason test --yes`)
    await done(`hold ${id} --yes`)
    await done(`backup ${id}`)
    expect(await during('drop', 'update expand_contract.backups set equal = false')).toEqual(['backup'])
    const { rows } = await client.query(
      "select attname from pg_attribute where attrelid = 'users'::regclass and attnum > 0",
    )
    expect(rows.map(({ attname }) => attname)).toEqual(['id', '_ec_held_name', 'full_name'])
  }
  await client.end()
  await database.drop()
})
