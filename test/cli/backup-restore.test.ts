import { readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lineSchema } from '@expand-contract/cli/json'
import { parse } from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import { startCli } from './cli-process.ts'
import { onStatement } from './on-statement.ts'
import type { CliOptions } from './run-cli.ts'
import { ID, type StageDatabase, StageDatabases } from './stage-databases.ts'
import { nothingIsLeft } from './stage-snapshot.ts'

// What a server does with them is tested on every major in test/runner; this is about the commands.
describe('backup, restore and the backup of a drop, as commands', () => {
  let stages: StageDatabases
  let folder: string
  let at = 0
  beforeAll(async () => {
    stages = await StageDatabases.open(newestMajor())
    folder = stages.project.folder
  })
  afterAll(() => stages?.close())

  const token = ({ name }: StageDatabase): string => `users.name@${name}`
  const next = (): string => {
    at += 1
    return `backup-${at}.zst`
  }

  /** Words of a line, of which one in quotes is one word. */
  const words = (line: string): string[] => (line.match(/'[^']*'|\S+/gu) ?? []).map((word) => word.replaceAll("'", ''))
  const cli = (database: StageDatabase, line: string | readonly string[], options: Omit<CliOptions, 'cwd'> = {}) =>
    stages.project.run(typeof line === 'string' ? words(line) : line, {
      ...options,
      env: { DATABASE_URL: database.url, PATH: process.env.PATH ?? '', ...options.env },
    })
  /** The same with --json: its last line, which holds to the schema. */
  async function json(
    database: StageDatabase,
    line: string | readonly string[],
    options: Omit<CliOptions, 'cwd'> = {},
  ) {
    const args = typeof line === 'string' ? words(line) : line
    const answer = await cli(database, [...args, '--json'], options)
    const last = answer
      .json()
      .map((each) => parse(lineSchema, each))
      .at(-1)
    if (last?.type !== 'result') throw new Error(`${args.join(' ')} has no result`)
    expect([args.join(' '), last.exitCode, last.ok]).toEqual([args.join(' '), answer.code, answer.code === 0])
    expect(`${answer.stdout}${answer.stderr}`).not.toMatch(/user 7user 7/u)
    return last
  }
  const phaseOf = async ({ client }: StageDatabase) =>
    (await client.query('select phase from expand_contract.migrations')).rows[0]?.phase
  const backupsOf = async ({ client }: StageDatabase): Promise<number> =>
    (await client.query('select count(*)::int as n from expand_contract.backups')).rows[0]?.n

  /** A backup is of a database of one name, so that of the template is none of its clones. */
  async function dropped(): Promise<StageDatabase> {
    const database = await stages.at('held')
    await database.client.query('delete from expand_contract.backups')
    for (const line of [`backup ${ID} --out ${next()}`, `drop ${ID} --confirm ${token(database)}`])
      expect(await json(database, line)).toMatchObject({ exitCode: 0 })
    return database
  }

  test('a backup: what is said, to people and to programs', async () => {
    await using database = await stages.at('held')
    const file = next()
    const dry = await json(database, `backup ${ID} --dry-run`)
    expect(dry).toMatchObject({ exitCode: 0, phase: 'hold', result: { dryRun: true, key: [{ name: 'id' }] } })
    const made = await json(database, `backup ${ID} --out ${file}`)
    expect(made).toMatchObject({
      ...{ exitCode: 0, command: 'backup', migration: ID, database: database.name, phase: 'hold', error: null },
      result: { path: file, rows: 3000, same: 3000, other: 0, changed: 0, added: 0, gone: 0, equal: true },
      next: [{ command: expect.stringContaining('--for droppable') }],
    })
    expect(made.result.sha256).toMatch(/^[\da-f]{64}$/u)
    const checked = await cli(database, `backup ${ID} --check ${file}`)
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('3,000 rows the same: equal') })
  })

  test('a backup: every exit code, and no file is left by what did not end well', async () => {
    await using database = await stages.at('held')
    const files = await readdir(folder)
    const before = await backupsOf(database)
    expect(await json(database, `backup ${ID} --uot x`)).toMatchObject({ exitCode: 2, error: { code: 'EC_USAGE' } })
    expect(await json(database, `backup ${ID} --check none.zst`)).toMatchObject({ exitCode: 2 })
    // Before anything is sent: there is nobody to send it to.
    const nobody = { env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x' } }
    for (const out of ['package.json/x.zst', '/sys/none/x.zst'])
      expect(await json(database, `backup ${ID} --out ${out}`, nobody)).toMatchObject({
        ...{ exitCode: 2, error: { code: 'EC_BACKUP_FOLDER' }, database: null },
      })
    expect(await json(database, `backup ${ID} --out package.json`, nobody)).toMatchObject({
      ...{ exitCode: 3, error: { code: 'EC_BACKUP_EXISTS' }, database: null },
    })
    await using expanded = await stages.at('expanded')
    expect(await json(expanded, `backup ${ID} --out ${next()}`)).toMatchObject({
      ...{ exitCode: 3, error: { code: 'EC_CONTROL_TRANSITION' } },
    })
    await database.client.query(
      `insert into expand_contract.leases (migration, token, operation, who, until) values ('${ID}', gen_random_uuid(), 'drop', 'tom@ops-1', now() + interval '1 minute')`,
    )
    expect(await json(database, `backup ${ID} --out ${next()}`)).toMatchObject({
      ...{ exitCode: 6, error: { code: 'EC_OPERATOR' } },
    })
    await database.client.query('delete from expand_contract.leases')
    // A disk that is full.
    if (process.platform === 'linux') {
      const full = next()
      await symlink('/dev/full', join(folder, `${full}.partial`))
      const answer = await json(database, `backup ${ID} --out ${full}`)
      expect(answer).toMatchObject({ exitCode: 1, error: { code: 'EC_BACKUP_FILE' } })
      expect(answer.error?.message).toMatch(/ENOSPC|no space/u)
    }
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const stopped = await json(database, `backup ${ID} --out ${next()}`, {
        onListen: (send) => void onStatement(/^COPY \(/u, () => send(signal)),
      })
      expect(stopped).toMatchObject({ exitCode: signal === 'SIGINT' ? 130 : 143, result: { stopped: true } })
    }
    expect(await readdir(folder)).toEqual(files)
    expect(await backupsOf(database)).toBe(before)
    await nothingIsLeft(database.client)
  })

  test('rows that have another old value by now are found (4), and the file counts no more', async () => {
    await using database = await stages.at('contracted')
    const file = next()
    expect(await json(database, `backup ${ID} --out ${file}`)).toMatchObject({ exitCode: 0 })
    const { rows } = await database.client.query(
      "select tgname from pg_trigger where tgrelid = 'users'::regclass and tgname like '~%'",
    )
    await database.client.query(`alter table users disable trigger "${rows[0].tgname}"; update users set name = 'other' where id = 7;
      alter table users enable always trigger "${rows[0].tgname}"`)
    expect(await json(database, `backup ${ID} --check ${file}`)).toMatchObject({
      ...{ exitCode: 4, result: { other: 1, same: 2999, equal: false } },
    })
  })

  test('the folder of the configuration is made, with a note for git', async () => {
    await using database = await stages.at('held')
    const was = await readFile(join(folder, 'expand-contract.config.js'), 'utf8')
    await writeFile(join(folder, 'elsewhere.config.js'), was.replace('{', '{ "backups": "kept/here", '))
    const made = await json(database, `backup ${ID} -c elsewhere.config.js`)
    expect(made.result.path).toMatch(/^kept\/here\/users\.full_name\.[\d-]+\.zst$/u)
    expect(await readFile(join(folder, 'kept/here/.gitignore'), 'utf8')).toContain('*\n')
  })

  describe('drop and the file of the backup', () => {
    const gate = async (database: StageDatabase, more = '') => {
      const { gates, exitCode, next: todo } = await json(database, `drop ${ID}${more} --confirm ${token(database)}`)
      expect([exitCode, await phaseOf(database)]).toEqual([3, 'hold'])
      return { ...gates.find(({ id }) => id === 'backup'), command: todo[0]?.command }
    }

    test('it must be there with its checksum, and may have been moved', async () => {
      await using database = await stages.at('held')
      await database.client.query('delete from expand_contract.backups')
      expect(await gate(database)).toMatchObject({
        ok: false,
        detail: 'none was taken',
        command: `expand-contract backup ${ID}`,
      })
      const [file, moved] = [next(), next()]
      expect(await json(database, `backup ${ID} --out ${file}`)).toMatchObject({ exitCode: 0 })
      const path = join(folder, file)
      await rename(path, join(folder, moved))
      expect((await gate(database)).detail).toBe(`${file}, by dana@ops-2, is not there on this machine`)
      const content = await readFile(join(folder, moved))
      content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1
      await writeFile(path, content)
      expect((await gate(database)).detail).toContain('it has another checksum by now')
      expect((await gate(database, ` --backup ${file}`)).detail).toContain('is none that counts, by its checksum')
      expect((await gate(database, ' --backup nowhere.zst')).detail).toBe('nowhere.zst is not there')
      const asked = await cli(database, `drop ${ID} --backup ${moved}`)
      expect(asked).toMatchObject({ code: 5 })
      expect(asked.stderr).toContain(`expand-contract drop ${ID} --backup ${moved} --confirm ${token(database)}`)
      expect(asked.stderr).toContain(moved)
      const dropped = await json(database, `drop ${ID} --backup ${moved} --confirm ${token(database)}`)
      expect(dropped).toMatchObject({ exitCode: 0, phase: 'dropped' })
      expect(dropped.gates.find(({ id }) => id === 'backup')?.detail).toContain(
        `${moved}, 3,000 rows, restored and compared: equal; it is there, with the same checksum`,
      )
    })

    test('one from before contract does not count, and no override makes it', async () => {
      await using database = await stages.at('held')
      await database.client.query(`update expand_contract.backups set epoch = (select (figures ->> 'epoch')::int - 1 from expand_contract.events
        where kind = 'phase' and figures ->> 'operation' = 'contract')`)
      expect((await gate(database)).detail).toBe(
        'the last one is from before `contract`: what was written up to then is not in it',
      )
      expect(
        await json(database, `drop ${ID} --override backup --reason x --confirm ${token(database)}`),
      ).toMatchObject({ exitCode: 2 })
    })
  })

  describe('restore', () => {
    const names = async ({ client }: StageDatabase) =>
      (await client.query('select count(*)::int as n from users where name is distinct from full_name')).rows[0].n

    test('what is said before and behind it, and the way on', async () => {
      await using database = await dropped()
      const dry = await json(database, `restore ${ID} --dry-run`)
      expect(dry).toMatchObject({
        exitCode: 0,
        phase: 'dropped',
        result: { dryRun: true, changed: false, rows: 3000, resumed: false },
      })
      await database.client.query(`update users set full_name = 'later' where id = 8; delete from users where id = 9;
        insert into users (id, full_name) values (5000, 'new')`)
      const done = await json(database, `restore ${ID} --confirm ${token(database)}`)
      expect(done).toMatchObject({
        ...{ exitCode: 0, command: 'restore', phase: 'contract', migration: ID, error: null },
        result: { rows: 3000, exact: 2998, mapped: 2, empty: 0, gone: 1, failed: 0, rowsLost: 0, changed: true },
        next: [{ command: `expand-contract rollback ${ID}` }],
      })
      expect(done.result.definitions).toEqual(
        expect.arrayContaining([expect.stringContaining('CREATE INDEX users_name')]),
      )
      expect(await names(database)).toBe(0)
      expect(await json(database, `rollback ${ID} --to switch --yes`)).toMatchObject({ exitCode: 0, phase: 'switch' })
    })

    test('every exit code', async () => {
      await using database = await dropped()
      const { client } = database
      const line = `restore ${ID} --confirm ${token(database)}`
      await using held = await stages.at('held')
      expect(await json(held, `restore ${ID}`)).toMatchObject({ exitCode: 3, error: { code: 'EC_CONTROL_TRANSITION' } })
      expect(await json(database, `restore ${ID} --from none.zst`)).toMatchObject({
        exitCode: 2,
        error: { code: 'EC_USAGE' },
      })
      expect(await json(database, `restore ${ID} --from package.json`)).toMatchObject({
        exitCode: 3,
        error: { code: 'EC_BACKUP_DAMAGED' },
      })
      for (const more of [
        '',
        ' --yes',
        ' --confirm users.name@other',
        ' --confirm users.full_name@shop',
        ' --no-input',
      ]) {
        const asked = await json(database, `restore ${ID}${more}`)
        expect(asked).toMatchObject({ exitCode: 5, error: { code: 'EC_CONSENT' } })
        expect(asked.error?.hint).toMatch(new RegExp(`restore ${ID} --from \\S+ --confirm ${token(database)}$`, 'u'))
      }
      await client.query(
        `insert into expand_contract.leases (migration, token, operation, who, until) values ('${ID}', gen_random_uuid(), 'drop', 'tom@ops-1', now() + interval '1 minute')`,
      )
      expect(await json(database, line)).toMatchObject({ exitCode: 6, error: { code: 'EC_OPERATOR' } })
      await client.query('delete from expand_contract.leases')
      await client.query(`create function no() returns event_trigger language plpgsql as $$ begin raise 'not here'; end $$;
        create event trigger no on ddl_command_start when tag in ('ALTER TABLE') execute function no()`)
      expect(await json(database, line)).toMatchObject({ exitCode: 1, error: { code: 'P0001' } })
      await client.query('drop event trigger no')
      expect(await phaseOf(database)).toBe('dropped')
      await client.query("alter table users add constraint never check (email <> 'u7') not valid")
      expect(await json(database, line)).toMatchObject({ exitCode: 4, result: { failed: 1, exact: 3000 } })
    })

    test('Ctrl-C between two batches keeps what is done, refuses what would make something of it, and goes on', async () => {
      await using database = await dropped()
      const line = `restore ${ID} --confirm ${token(database)}`
      const stopped = await json(database, line, {
        onListen: (send) => void onStatement(/^WITH filled AS/u, () => send('SIGINT')),
      })
      expect(stopped).toMatchObject({ exitCode: 130, phase: 'contract', result: { stopped: true } })
      expect(stopped.next[0]?.command).toContain(`--confirm ${token(database)}`)
      expect(await names(database)).toBeGreaterThan(0)
      await nothingIsLeft(database.client)
      for (const other of [`rollback ${ID} --to switch --yes`, `repair ${ID} --yes`])
        expect(await json(database, other)).toMatchObject({ exitCode: 3, error: { code: 'EC_RESTORE_UNFINISHED' } })
      const resumed = await cli(database, `restore ${ID} --dry-run`)
      expect(resumed).toMatchObject({ code: 0, stdout: expect.stringContaining('goes on') })
      expect(await json(database, line)).toMatchObject({ exitCode: 0, result: { rows: 3000, exact: 3000 } })
      expect(await names(database)).toBe(0)
    })

    test('kill -9 while rows are filled, and the same command goes on', async () => {
      await using database = await dropped()
      const args = ['restore', ID, '--confirm', token(database)]
      const failpoint = { at: 6, when: 'before', act: 'kill' } as const
      const killed = await startCli(args, { cwd: folder, url: database.url, failpoint }).ended
      expect(killed).toMatchObject({ signal: 'SIGKILL' })
      // Behind the columns, amid the rows.
      expect(killed.points.at(-1)).toBe('COMMIT')
      expect(await phaseOf(database)).toBe('contract')
      await nothingIsLeft(database.client)
      await database.client.query('update expand_contract.leases set until = now()')
      expect(await json(database, args)).toMatchObject({ exitCode: 0, result: { rows: 3000, exact: 3000 } })
      expect(await names(database)).toBe(0)
    })
  })
})
