import { lineSchema } from '@expand-contract/cli/json'
import pg from 'pg'
import { parse } from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../packages/cli/src/commands/commands.ts'
import { newestMajor } from '../support/postgres.ts'
import type { CliOptions } from './run-cli.ts'
import { ID, StageDatabases, type StageState } from './stage-databases.ts'

/** A line of each command that does what it is for, where it can be run, and how that ends. A command that is not here fails the test. */
const LINES: Readonly<Record<string, readonly [line: string, from: StageState, code?: number]>> = {
  init: ['init --yes', 'begun'],
  plan: [`plan ${ID}`, 'begun'],
  doctor: [`doctor ${ID}`, 'begun'],
  expand: [`expand ${ID} --yes`, 'begun'],
  backfill: [`backfill ${ID}`, 'expanded'],
  pause: [`pause ${ID}`, 'backfilled'],
  resume: [`resume ${ID}`, 'backfilled'],
  verify: [`verify ${ID} --show-values`, 'differing', 4],
  repair: [`repair ${ID} --yes`, 'differing'],
  switch: [`switch ${ID} --yes`, 'verified'],
  contract: [`contract ${ID} --override soak --reason test --yes`, 'switched'],
  hold: [`hold ${ID} --yes`, 'contracted'],
  unhold: [`unhold ${ID} --yes`, 'held'],
  backup: [`backup ${ID} --dry-run`, 'switched'],
  drop: [`drop ${ID} --confirm users.name@DATABASE`, 'held'],
  // There is nothing to restore: test/runner/restore-crash.test.ts and test/cli/last-stage.test.ts have what there is.
  restore: [`restore ${ID} --from nowhere.zst --confirm users.name@DATABASE`, 'held', 2],
  wait: [`wait ${ID} --for verified --timeout 1s`, 'verified'],
  rollback: [`rollback ${ID} --yes`, 'switched'],
  status: [`status ${ID} --statements`, 'switched'],
  log: [`log ${ID}`, 'switched'],
  measure: [`measure ${ID} --for 1s`, 'switched'],
  runbook: [`runbook ${ID}`, 'switched'],
  check: ['check --base no-such-ref', 'switched', 2],
}

const SECRET = 'h2nter-s3cret'
const UNREACHABLE = [
  ['a refused connection', `postgres://nobody:${SECRET}@127.0.0.1:1/x`],
  ['a malformed host', `postgres://nobody:${SECRET}@[::bad/x`],
  ['no scheme', `postgres//nobody:${SECRET}@127.0.0.1/x`],
] as const

test('every command is here, and none that is gone', () => {
  expect(Object.keys(LINES).sort()).toEqual(commands.map(({ name }) => name).sort())
})

describe.each(Object.entries(LINES))('%s', (name, [line, from, code = 0]) => {
  let url: string

  /** With and without --json: the lines hold to the schemas, and nothing shows a password. */
  async function run(words: readonly string[], options: Omit<CliOptions, 'cwd'>, secret: string) {
    const answer = await stages.project.run(words, options)
    expect(answer.stdout + answer.stderr).not.toContain(secret)
    if (!words.includes('--json')) return { ...answer, last: undefined }
    const lines = answer.json().map((each) => parse(lineSchema, each))
    const last = lines.at(-1)
    expect(lines.filter(({ type }) => type === 'result')).toEqual([last])
    if (last?.type !== 'result') throw new Error(`${words.join(' ')} has no result`)
    expect([last.command, last.exitCode, last.ok]).toEqual([name, answer.code, answer.code === 0])
    return { ...answer, last }
  }

  /** By a role that has a password, which is the owner of all. */
  async function withPassword() {
    const database = await stages.at(from)
    const given = new URL(database.url)
    given.username = ROLE
    given.password = SECRET
    url = given.href
    const words = line.replace('DATABASE', database.name).split(' ')
    return { words, database, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() }
  }

  test.each(UNREACHABLE)('%s: ends with 2, as text and as JSON, without the password', async (_, unreachable) => {
    const words = line.split(' ')
    for (const more of [[], ['--json'], ['--verbose'], ['--url', unreachable, '--json']]) {
      const answer = await run([...words, ...more], { env: { DATABASE_URL: unreachable } }, SECRET)
      expect([more, answer.code]).toEqual([more, 2])
      if (more.length === 0) expect([answer.stdout, answer.stderr]).toEqual(['', expect.stringContaining('EC_')])
      else if (answer.last !== undefined) expect(answer.last.error?.code).toMatch(/^EC_/u)
    }
  })

  test('a mistyped flag ends with 2, as JSON', async () => {
    const answer = await run([...line.split(' '), '--dry-rnu', '--json'], {}, SECRET)
    expect(answer.last).toMatchObject({ exitCode: 2, error: { code: 'EC_USAGE' } })
  })

  test('does what it is for, as JSON', async () => {
    await using prepared = await withPassword()
    const answer = await run([...prepared.words, '--json'], { env: { DATABASE_URL: url } }, SECRET)
    expect([answer.code, answer.code === code ? '' : answer.stdout + answer.stderr]).toEqual([code, ''])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends it with %i, as JSON', async (signal, stopped) => {
    await using prepared = await withPassword()
    const onListen: CliOptions['onListen'] = (send) => void setImmediate(() => send(signal))
    const answer = await run([...prepared.words, '--json'], { env: { DATABASE_URL: url }, onListen }, SECRET)
    expect([answer.code, answer.code === stopped ? '' : answer.stdout + answer.stderr]).toEqual([stopped, ''])
  })
})

const ROLE = `every_command_${process.pid}`
let stages: StageDatabases
let admin: pg.Client

beforeAll(async () => {
  stages = await StageDatabases.open(newestMajor())
  await using any = await stages.at('begun')
  const { client, url } = any
  await client.query(`create role "${ROLE}" superuser login password '${SECRET}'`)
  const postgres = new URL(url)
  postgres.pathname = '/postgres'
  admin = new pg.Client({ connectionString: postgres.href })
  await admin.connect()
})
afterAll(async () => {
  await admin?.query(`drop role "${ROLE}"`).catch(() => undefined)
  await admin?.end()
  await stages?.close()
})
