import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lineSchema } from '@expand-contract/cli/json'
import { parse } from 'valibot'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newestMajor } from '../support/postgres.ts'
import type { CliOptions } from './run-cli.ts'
import { ID, type StageDatabase, StageDatabases } from './stage-databases.ts'
import { nothingIsLeft } from './stage-snapshot.ts'

/** Stands for pg_dump and psql, which are not everywhere: `save` keeps the rows in a file, by the variables alone, and `give` gives them back. */
const TOOL = `
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { to } from 'pg-copy-streams'
const [what, file, extra] = process.argv.slice(2)
const env = process.env
console.error(what, 'with', env.PGPASSWORD, env.TEST_TOKEN ?? '')
if (what === 'save') {
  const client = new pg.Client({ options: env.PGOPTIONS })
  await client.connect()
  await client.query('begin isolation level repeatable read')
  await client.query("set transaction snapshot '" + env.EXPAND_CONTRACT_SNAPSHOT + "'")
  const query = extra ?? env.EXPAND_CONTRACT_QUERY
  await pipeline(client.query(to('copy (' + query + ') to stdout (format ' + env.EXPAND_CONTRACT_FORMAT + ')')), createWriteStream(file))
  await client.end()
} else await pipeline(createReadStream(file), process.stdout)
`

describe('a backup by commands of the operator', () => {
  let stages: StageDatabases
  let folder: string
  let at = 0
  beforeAll(async () => {
    stages = await StageDatabases.open(newestMajor())
    folder = stages.project.folder
    await writeFile(join(folder, 'tool.js'), TOOL)
  })
  afterAll(() => stages?.close())

  const tool = (rest: string): string => `"${process.execPath}" tool.js ${rest}`
  const next = (): string => {
    at += 1
    return `rows-${at}.txt`
  }
  async function json(database: StageDatabase, args: readonly string[], options: Omit<CliOptions, 'cwd'> = {}) {
    const env = { DATABASE_URL: database.url, PATH: process.env.PATH ?? '', ...options.env }
    const answer = await stages.project.run([...args, '--json'], { ...options, env })
    const last = answer
      .json()
      .map((each) => parse(lineSchema, each))
      .at(-1)
    if (last?.type !== 'result') throw new Error(`${args.join(' ')} has no result`)
    expect([args.join(' '), last.exitCode]).toEqual([args.join(' '), answer.code])
    expect(`${answer.stdout}${answer.stderr}`).not.toMatch(/user 7user 7/u)
    return { ...last, stderr: answer.stderr }
  }
  const backup = (
    database: StageDatabase,
    save: string,
    give: string,
    more: readonly string[] = ['--yes'],
    options: Omit<CliOptions, 'cwd'> = {},
  ) => json(database, ['backup', ID, '--command', save, '--restore-command', give, ...more], options)
  const token = ({ name }: StageDatabase): string => `users.name@${name}`
  const recorded = async ({ client }: StageDatabase) =>
    (await client.query('select path, evidence, equal, figures from expand_contract.backups order by id desc')).rows

  test('counts once its rows came back, opens the gate of drop, and brings the column back', async () => {
    await using database = await stages.at('held')
    await database.client.query('delete from expand_contract.backups')
    const file = next()
    const [save, give] = [tool(`save ${file}`), `API_TOKEN=geheim7 ${tool(`give ${file}`)}`]
    const dry = await backup(database, save, give, ['--dry-run'])
    expect(dry).toMatchObject({ exitCode: 0, phase: 'hold', result: { dryRun: true } })
    expect(dry.result.variables).toContain('EXPAND_CONTRACT_QUERY')
    await expect(access(join(folder, file))).rejects.toThrow()
    // Shown before it is asked for, and not run.
    const asked = await backup(database, save, give, [])
    expect(asked).toMatchObject({ exitCode: 5, error: { code: 'EC_CONSENT' } })
    expect(asked.error?.hint).toContain(`--command '${save}'`)
    await expect(access(join(folder, file))).rejects.toThrow()
    const shown = await stages.project.run(['backup', ID, '--command', save, '--restore-command', give], {
      env: { DATABASE_URL: database.url },
    })
    expect([shown.code, shown.stderr.replaceAll(/\s+/gu, ' ')]).toEqual([
      5,
      expect.stringContaining(save.replaceAll(/\s+/gu, ' ')),
    ])

    const made = await backup(database, save, give)
    expect(made).toMatchObject({
      ...{ exitCode: 0, phase: 'hold', error: null, database: database.name },
      result: { kind: 'command', rows: 3000, same: 3000, faults: 0, equal: true },
    })
    const [row] = await recorded(database)
    expect(row).toMatchObject({ path: null, equal: true, evidence: expect.stringContaining('API_TOKEN=***') })
    expect(JSON.stringify(row)).not.toContain('geheim7')
    const dropped = await json(database, ['drop', ID, '--confirm', token(database)])
    expect(dropped).toMatchObject({ exitCode: 0, phase: 'dropped' })
    await database.client.query("update users set full_name = 'later' where id = 8")

    const unnamed = await json(database, ['restore', ID, '--confirm', token(database)])
    expect(unnamed).toMatchObject({
      exitCode: 2,
      error: { code: 'EC_USAGE', hint: expect.stringContaining('--restore-command') },
    })
    const restore = ['restore', ID, '--restore-command', give]
    expect(await json(database, [...restore, '--dry-run'])).toMatchObject({
      exitCode: 0,
      result: { changed: false, rows: 3000 },
    })
    expect(await json(database, restore)).toMatchObject({ exitCode: 5 })
    expect(await json(database, [...restore, '--from', 'x.zst'])).toMatchObject({ exitCode: 2 })
    const fails = await json(database, ['restore', ID, '--restore-command', 'exit 3', '--confirm', token(database)])
    expect(fails).toMatchObject({ exitCode: 3, error: { code: 'EC_BACKUP_COMMAND' } })
    const less = await json(database, [
      'restore',
      ID,
      '--restore-command',
      `${give} | head -n 10`,
      '--confirm',
      token(database),
    ])
    expect(less).toMatchObject({ exitCode: 3, error: { code: 'EC_BACKUP_OTHER' } })
    expect((await database.client.query('select phase from expand_contract.migrations')).rows).toEqual([
      { phase: 'dropped' },
    ])
    expect(await json(database, [...restore, '--confirm', token(database)])).toMatchObject({
      ...{ exitCode: 0, phase: 'contract', result: { rows: 3000, exact: 2999, mapped: 1 } },
    })
    const { rows } = await database.client.query(
      'select count(*)::int as n from users where name is distinct from full_name',
    )
    expect(rows).toEqual([{ n: 0 }])
  })

  test('every other exit code; what a command says is shown without secrets, and what did not count is not recorded', async () => {
    await using database = await stages.at('held')
    const file = next()
    const [save, give] = [tool(`save ${file}`), tool(`give ${file}`)]
    const before = (await recorded(database)).length
    for (const args of [
      ['--command', 'true'],
      ['--restore-command', 'true'],
      ['--format', 'csv'],
      ['--command', 'true', '--restore-command', ' '],
      ['--command', 'true', '--restore-command', 'true', '--out', 'x'],
      ['--command', 'true', '--restore-command', 'true', '--timeout', 'soon'],
    ])
      expect(await json(database, ['backup', ID, ...args])).toMatchObject({ exitCode: 2, error: { code: 'EC_USAGE' } })
    const failed = await backup(database, 'echo some words >&2; exit 7', give)
    expect(failed).toMatchObject({
      exitCode: 3,
      error: { code: 'EC_BACKUP_COMMAND', message: expect.stringContaining('has ended with 7') },
    })
    expect(failed.stderr).toContain('| some words')
    expect(await backup(database, save, 'exit 7')).toMatchObject({ exitCode: 3, error: { code: 'EC_BACKUP_COMMAND' } })
    const late = await backup(database, 'sleep 600', give, ['--yes', '--timeout', '200ms'])
    expect(late).toMatchObject({ exitCode: 6, error: { code: 'EC_BACKUP_TIMEOUT' } })
    const other = await backup(database, save, 'echo geheim7 geheim8')
    expect(other).toMatchObject({ exitCode: 3, error: { code: 'EC_BACKUP_ROWS' } })
    expect(JSON.stringify(other.error)).not.toContain('geheim7')
    await database.client.query(
      `insert into expand_contract.leases (migration, token, operation, who, until) values ('${ID}', gen_random_uuid(), 'drop', 'tom@ops-1', now() + interval '1 minute')`,
    )
    expect(await backup(database, save, give)).toMatchObject({ exitCode: 6, error: { code: 'EC_OPERATOR' } })
    await database.client.query('delete from expand_contract.leases')
    expect(await recorded(database)).toHaveLength(before)

    const wrong = await backup(
      database,
      tool(`save ${file} 'select id, upper(_ec_held_name), full_name from users'`),
      give,
    )
    expect(wrong).toMatchObject({ exitCode: 4, result: { equal: false, faults: 3000 } })
    expect(wrong.stderr).toMatch(/^\| save with/mu)
    const { password } = new URL(database.url)
    if (password !== '') expect(wrong.stderr).not.toContain(`with ${decodeURIComponent(password)}`)
    expect(await recorded(database)).toMatchObject([{ equal: false }, ...Array.from({ length: before }, () => ({}))])
    expect(await json(database, ['drop', ID, '--confirm', token(database)])).toMatchObject({ exitCode: 0 })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends the command and all that it has started, and nothing is recorded',
    async (signal) => {
      await using database = await stages.at('held')
      const before = await recorded(database)
      const [begun, ended] = [next(), next()]
      const line = `trap 'echo > ${ended}; exit 1' TERM; echo > ${begun}; sleep 600 & wait`
      const stopped = await backup(database, line, 'true', ['--yes'], {
        onListen: (send) =>
          void vi
            .waitFor(() => access(join(folder, begun)), { timeout: 60_000, interval: 10 })
            .then(() => send(signal)),
      })
      expect(stopped).toMatchObject({ exitCode: signal === 'SIGINT' ? 130 : 143, result: { stopped: true } })
      await access(join(folder, ended))
      expect(await recorded(database)).toEqual(before)
      await nothingIsLeft(database.client)
    },
  )

  test('csv is taken as well, and each shell that is there', async () => {
    await using database = await stages.at('contracted')
    const file = next()
    const made = await backup(database, tool(`save ${file}`), tool(`give ${file}`), ['--yes', '--format', 'csv'])
    expect(made).toMatchObject({ exitCode: 0, result: { same: 3000, equal: true } })
  })
})
