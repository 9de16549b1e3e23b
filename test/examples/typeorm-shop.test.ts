import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'
import { queryServer } from '../support/query-server.ts'
import { startUnleash, type UnleashServer } from '../support/unleash.ts'

const FLAG = 'customers-read-full-name'
const example = join(import.meta.dirname, '../../examples/typeorm-shop')
const { scripts } = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

let database: TestDatabase
let flags: TestDatabase
let unleash: UnleashServer
/** A copy of the example, in which the tests write migrations and change the entity as the README says. */
let folder: string

beforeAll(async () => {
  database = await createDatabase(newestMajor())
  flags = await createDatabase(newestMajor())
  unleash = await startUnleash({ databaseUrl: flags.url })
  await unleash.createFlag(FLAG)
  await unleash.setStrategies(FLAG, [{ name: 'default' }])
  // Beside its sources, so that it finds the same packages.
  folder = join(example, '.vitest', randomUUID())
  for (const part of ['src', 'test']) cpSync(join(example, part), join(folder, part), { recursive: true })
  const tsconfig = readFileSync(join(example, 'tsconfig.json'), 'utf8')
  writeFileSync(join(folder, 'tsconfig.json'), tsconfig.replace('../../', '../../../../'))
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await unleash.stop()
  await database.drop()
  await flags.drop()
})

const environment = () => ({
  DATABASE_URL: database.url,
  UNLEASH_URL: unleash.url,
  UNLEASH_TOKEN: unleash.clientToken,
})

/** Runs a script of the example's package.json in the copy. */
async function run(script: string, given: Record<string, string>, ...args: readonly string[]): Promise<string> {
  const [, ...words] = (scripts[script] ?? '').replace('node_modules/', `${example}/node_modules/`).split(' ')
  const env = { ...process.env, ...given }
  const { stdout } = await promisify(execFile)(process.execPath, [...words, ...args], {
    cwd: folder,
    env,
    timeout: 240_000,
  })
  return stdout
}

/** The service itself, until it is closed; then its exit code. */
async function openShop(
  readSwitch: 'open' | 'closed',
): Promise<{ readonly address: string; close(): Promise<unknown> }> {
  const [, ...words] = (scripts.start ?? '').split(' ')
  const child = spawn(process.execPath, words, {
    cwd: folder,
    env: { ...process.env, ...environment(), PORT: '0', READ_SWITCH: readSwitch },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exitCode = once(child, 'close').then(([code]) => code as unknown)
  const opened = await Promise.race([once(child.stdout, 'data').then(String), exitCode])
  return {
    address: /http:\S+/u.exec(String(opened))?.[0] ?? '',
    close() {
      child.kill('SIGTERM')
      return exitCode
    },
  }
}

/** The example's own tests, with its flags from Unleash. They fail by their exit code. */
const ownTests = () => run('test', environment())

const typeorm = (...args: readonly string[]) =>
  run('typeorm', { DATABASE_URL: database.url }, ...args, '-d', 'src/data-source.ts')

const differing = async () =>
  (await queryServer(database.url, 'select count(*)::int as n from customers where name is distinct from full_name'))
    .rows

async function generate(name: string): Promise<string> {
  await typeorm('migration:generate', `src/migrations/${name}`)
  const file = readdirSync(join(folder, 'src/migrations')).find((each) => each.endsWith(`-${name}.ts`))
  return readFileSync(join(folder, 'src/migrations', file ?? ''), 'utf8')
}

/** The diff of the files, or of one, that follows a heading of the example's README, as pairs of lines that go and come. */
function diffUnder(heading: string, file?: string): readonly (readonly [gone: string, come: string])[] {
  const readme = readFileSync(join(example, 'README.md'), 'utf8')
  const diff = /```diff\n(?<lines>.*?)```/su.exec(readme.slice(readme.indexOf(heading)))?.groups?.lines ?? ''
  const ofFile = diff.split(/^--- /mu).filter((part) => file === undefined || part.startsWith(file))
  return [
    ...ofFile
      .join('')
      .replaceAll(/^src\/\S+$/gmu, '')
      .matchAll(/(?<gone>(?:^-.*\n)*)(?<come>(?:^\+.*\n)*)/gmu),
  ].flatMap(({ groups }) => {
    const [gone, come] = [groups?.gone ?? '', groups?.come ?? ''].map((lines) => lines.replaceAll(/^[-+]/gmu, ''))
    return gone || come ? [[gone ?? '', come ?? ''] as const] : []
  })
}

function changed(text: string, diff: ReturnType<typeof diffUnder>): string {
  return diff.reduce((before, [gone, come]) => {
    expect(before).toContain(gone)
    return before.replace(gone, () => come)
  }, text)
}

test('what the README says a user adds is what the sources have', () => {
  const sources = ['entities', 'data-source', 'shop-server'].map((file) =>
    readFileSync(join(example, `src/${file}.ts`), 'utf8'),
  )
  const added = diffUnder('## Declaring').map(([, come]) => come)
  expect(added.length).toBeGreaterThan(2)
  for (const lines of added)
    expect(
      sources.some((source) => source.includes(lines)),
      lines,
    ).toBe(true)
})

test('the shop goes through all stages, and its own tests pass in each of them', { timeout: 600_000 }, async () => {
  // The annotated code is deployed first.
  await typeorm('migration:run')
  await ownTests()

  // Stage 1: TypeORM adds the column; from then on both are written.
  expect(await generate('AddFullName')).toContain('`ALTER TABLE "customers" ADD "full_name" text`')
  await typeorm('migration:run')
  expect((await differing())[0].n).toBeGreaterThan(0)
  await queryServer(database.url, 'update customers set full_name = name where full_name is distinct from name')
  await ownTests()
  expect(await differing()).toEqual([{ n: 0 }])

  // Stage 3: the flag is turned on, and the service that runs meanwhile reads the new column, if its switch is open.
  await queryServer(database.url, "insert into customers (email, name, full_name) values ('x', 'old side', 'new side')")
  const [shop, closed] = await Promise.all([openShop('open'), openShop('closed')])
  const found = async (by = shop) => (await fetch(`${by.address}/customers?search=side`)).json()
  expect(await found()).toMatchObject([{ name: 'old side' }])
  await unleash.enable(FLAG)
  await expect.poll(() => found(), { timeout: 60_000 }).toMatchObject([{ name: 'new side' }])
  expect(await found(closed)).toMatchObject([{ name: 'old side' }])
  expect(await Promise.all([shop.close(), closed.close()])).toEqual([0, 0])
  await ownTests()
  expect(await differing()).toEqual([{ n: 1 }])

  // Stage 4: the declaration becomes a plain column, as the README shows.
  for (const file of ['entities', 'data-source']) {
    const source = join(folder, `src/${file}.ts`)
    writeFileSync(source, changed(readFileSync(source, 'utf8'), diffUnder('## Stage 4', `src/${file}.ts`)))
  }
  const dropName = await generate('DropName')
  expect(dropName).toContain('`ALTER TABLE "customers" DROP COLUMN "name"`')
  await typeorm('migration:run')
  await ownTests()
  const { rows } = await queryServer(database.url, 'select * from customers limit 1')
  expect(Object.keys(rows[0])).toEqual(['id', 'email', 'full_name'])
})
