import { joinFleet } from '@expand-contract/control'
import { fixedFlags } from '@expand-contract/core'
import pg from 'pg'
import { describe, expect, test, vi } from 'vitest'
import { type CliProject, cliProject } from '../cli/run-cli.ts'
import { APPLICATIONS } from '../life/applications/all-applications.ts'
import { KINDS } from '../life/change-kinds.ts'
import { rowsSql } from '../life/life-end.ts'
import { declarationsText, flagOf, inStepSql, type LifeModel, lifeModel } from '../life/life-model.ts'
import { lifeSchema } from '../life/life-schema.ts'
import { PLACES } from '../life/place.ts'
import { createDatabase, newestMajor, postgresMajors, type TestDatabase } from '../support/postgres.ts'
import { LoadedApplication } from './loaded-application.ts'

const FULL = process.env.EC_TRAFFIC === 'full'

/** One kind on the newest major, or all of them on each. Keys go by hand ahead of the drop, which test/life does. */
const kinds = KINDS.filter(({ key }) => key === undefined)
const cases = postgresMajors().flatMap((major) =>
  kinds
    .filter(({ name }) => FULL || (name === 'split' && major === newestMajor()))
    .map((kind) => [kind.name, major, kind] as const),
)

describe('the last stages under the load of pg, postgres-js, TypeORM and Drizzle at once', () => {
  test.each(cases)(
    '%s, PostgreSQL %i: no statement fails, no row is lost',
    async (name, major, kind) => {
      const [place] = PLACES
      if (place === undefined) throw new Error('there is no place')
      await using stack = new AsyncDisposableStack()
      const model = lifeModel(kind, place, 'plain')
      const database = await createDatabase(major, { sql: lifeSchema(model) })
      stack.defer(() => database.drop())
      const db = new pg.Client({ connectionString: database.url })
      await db.connect()
      stack.defer(() => db.end())
      const project = stack.use(await cliProject(database.url, declarationsText(model), { soak: '0ms', hold: '0ms' }))
      expect(await project.run(['init', '--yes'])).toMatchObject({ code: 0 })
      const [table] = model.tables
      if (table === undefined) throw new Error('there is no table')
      const { migration } = table
      const stages = new Stages({ project, database, model, db })
      const loaded = await startAll(stack, { database, model })
      // Nobody is restarted from here to the end.
      const goOn = () => goesOn(loaded)

      await goOn()
      for (const line of ['expand --yes', 'backfill']) await stages.run(line)
      await db.query(`analyze ${table.sql}`)
      for (const line of ['verify', ACKNOWLEDGED, 'switch --yes', ACKNOWLEDGED]) await stages.run(line)
      loaded.flags.set(flagOf(migration.id), true)
      await goOn()

      await stages.contract()
      await goOn()
      const fromContract = await stages.back('rollback --to switch --yes')
      await goOn()
      await stages.inStep()

      await stages.contract()
      for (const line of ['hold --yes', 'unhold --yes', 'hold --yes']) {
        await stages.run(line)
        await goOn()
      }
      const fromHold = await stages.back('rollback --to switch --yes')
      await goOn()
      await stages.inStep()

      await stages.contract()
      await stages.run('hold --yes')
      await goOn()
      await stages.run(`backup --out ${project.folder}/old.zst`)
      await stages.run('drop --confirm @old')
      await goOn()
      for (const each of loaded.all) await each.stop()

      const { ours, lost } = await stages.lostRows(loaded.all)
      expect(lost).toEqual([])
      expect(loaded.failures).toEqual([])
      const statements = loaded.all.map((each) => `${each.name} ${each.statements}`).join(', ')
      process.stdout.write(
        `PostgreSQL ${major}, ${name}: ${statements} statements, 0 failed; back from contract in ${fromContract} ms, from hold in ${fromHold} ms; of ${ours} rows 0 lost\n`,
      )
    },
    300_000,
  )
})

const ACKNOWLEDGED = 'wait --for acknowledged --timeout 2m'

async function startAll(
  stack: AsyncDisposableStack,
  { database, model }: { database: TestDatabase; model: LifeModel },
) {
  const flags = fixedFlags(Object.fromEntries(model.tables.map(({ migration }) => [flagOf(migration.id), false])))
  const failures: string[] = []
  const reports = new pg.Pool({ connectionString: database.url, max: 1 })
  stack.defer(() => reports.end())
  const all: LoadedApplication[] = []
  for (const [index, { name, open }] of APPLICATIONS.entries()) {
    const migrating = { flags, onStatement: () => undefined }
    const application = await open({ url: database.url, model, migrating })
    stack.defer(() => application.close())
    if (application.runtime !== undefined) {
      const fleet = joinFleet(application.runtime, reports, { application: name, instance: name, everyMs: 250 })
      stack.defer(() => fleet.leave())
    }
    const loaded = new LoadedApplication({ name, application, model, index, onFailure: (text) => failures.push(text) })
    stack.defer(() => loaded.stop())
    all.push(loaded)
  }
  return { all, flags, failures }
}

type Loaded = Awaited<ReturnType<typeof startAll>>

/** Until each has done something that it began after the call; nothing has failed by then. */
async function goesOn({ all, failures }: Loaded): Promise<void> {
  const from = all.map(({ rounds }) => rounds)
  await vi.waitFor(
    () => {
      expect(failures).toEqual([])
      for (const [at, { rounds, name }] of all.entries())
        expect([name, rounds > (from[at] ?? 0) + 2]).toEqual([name, true])
    },
    { timeout: 60_000, interval: 20 },
  )
}

interface StagesParts {
  readonly project: CliProject
  readonly database: TestDatabase
  readonly model: LifeModel
  readonly db: pg.Client
}

/** The commands, and what rows there are. */
class Stages {
  readonly #parts: StagesParts

  constructor(parts: StagesParts) {
    this.#parts = parts
  }

  async run(line: string): Promise<Readonly<Record<string, unknown>>> {
    const { project, database, model } = this.#parts
    const [command = '', ...flags] = line.split(' ')
    const { migration } = model.tables[0] ?? {}
    const token = `${migration?.table.name}.${migration?.old.map(({ name }) => name).join('+')}@${database.name}`
    const args = [command, migration?.id ?? '', ...flags.map((flag) => (flag === '@old' ? token : flag)), '--json']
    const answer = await project.run(args)
    expect([line, answer.code, answer.code === 0 ? '' : answer.stdout + answer.stderr]).toEqual([line, 0, ''])
    return (answer.json().at(-1)?.result ?? {}) as Readonly<Record<string, unknown>>
  }

  async contract(): Promise<void> {
    for (const line of [
      'verify',
      ACKNOWLEDGED,
      'contract --override soak,dependents --reason test --yes',
      ACKNOWLEDGED,
    ])
      await this.run(line)
  }

  /** How long the way back took, in milliseconds. */
  async back(line: string): Promise<number> {
    const began = performance.now()
    const result = await this.run(line)
    expect(result).toMatchObject({ to: 'switch', rowsLost: 0, notBroughtBack: 0 })
    return Math.round(performance.now() - began)
  }

  /** Both columns are there, and in step, in one snapshot while others write. */
  async inStep(): Promise<void> {
    const { db, model } = this.#parts
    for (const table of model.tables) {
      const { rows } = await db.query(`select * from ${table.sql} where not (${inStepSql(model.place, table)}) limit 3`)
      expect(rows).toEqual([])
    }
  }

  /** Rows that are not what the applications were told that they are. */
  async lostRows(
    all: readonly LoadedApplication[],
  ): Promise<{ readonly ours: number; readonly lost: readonly string[] }> {
    const { db, model } = this.#parts
    const [table] = model.tables
    if (table === undefined) throw new Error('there is no table')
    const { rows: columns } = await db.query<{ name: string }>(
      'select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0',
      [table.sql],
    )
    const { ours } = rowsSql(
      model.place,
      table,
      columns.map(({ name }) => name),
    )
    const { rows } = await db.query<{ x: string }>(ours)
    // The same of a table as the applications knew it, with what they have written.
    await db.query(lifeSchema(model).replaceAll('things', 'twin_things'))
    const twin = lifeModel(model.kind, { ...model.place, table: (name) => `twin_${name}` }, model.shape).tables[0]
    if (twin === undefined) throw new Error('there is no twin')
    for (const each of all) for (const sql of each.twinSql(twin)) await db.query(sql)
    const wanted = await db.query<{ x: string }>(
      rowsSql(
        model.place,
        twin,
        columns.map(({ name }) => name),
      ).twin,
    )
    const found = new Set(rows.map(({ x }) => x))
    const known = new Set(wanted.rows.map(({ x }) => x))
    return {
      ours: rows.length,
      lost: [
        ...[...known].filter((row) => !found.has(row)).map((row) => `missing: ${row}`),
        ...[...found].filter((row) => !known.has(row)).map((row) => `not written by anybody: ${row}`),
      ].slice(0, 5),
    }
  }
}
