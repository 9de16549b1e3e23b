import { join } from 'node:path'
import { joinFleet } from '@expand-contract/control'
import { type FixedFlags, fixedFlags, quoteIdentifier, type StatementEvent } from '@expand-contract/core'
import { readParity } from '@expand-contract/runner'
import { heldColumnName } from '@expand-contract/sql'
import pg from 'pg'
import { expect } from 'vitest'
import { type CliAnswer, type CliProject, cliProject } from '../cli/run-cli.ts'
import { pgbouncerProgram, startPgBouncer } from '../support/pgbouncer.ts'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import { APPLICATIONS } from './applications/all-applications.ts'
import type { LifeApplication } from './applications/life-application.ts'
import { catalogText } from './catalog-text.ts'
import type { LifeCase } from './life-cases.ts'
import { byHandSql, endText, letGoSql, rowsSql } from './life-end.ts'
import { declarationsText, flagOf, inStepSql, type LifeModel, lifeModel, type ModelTable } from './life-model.ts'
import { lifeSchema } from './life-schema.ts'
import { MAY_NOT_BE, oneSided, readingSteps, resultOf, stepsOf } from './statements.ts'

/** Below those of the rounds, and above those that are there from the start. */
const LOSSY_NR = 999

const EACH_DOES_ALL = process.env.EC_LIFE === 'full'

/** The same application twice: one knows of the migrations, the other is on the twin and knows of none. */
interface Pair {
  readonly name: string
  readonly ours: LifeApplication
  readonly twin: LifeApplication
  /** What the first one has sent since they were taken. */
  readonly events: StatementEvent[]
}

interface Both<T> {
  readonly ours: T
  readonly twin: T
}

/** Two databases that begin alike: on one a migration lives through its stages, the other is left as it is. */
export class Life implements AsyncDisposable {
  readonly model: LifeModel
  readonly #flags: FixedFlags
  readonly #databases: Both<TestDatabase>
  readonly #clients: Both<pg.Client>
  readonly #project: CliProject
  readonly #pairs: readonly Pair[]
  readonly #closing: AsyncDisposableStack
  #round = 0
  #drops = 0
  /** Whose turn it is. */
  #turn: number

  /** `first` says which application begins. */
  static async begin({ kind, major, place, shape, route }: LifeCase, first: number): Promise<Life> {
    const model = lifeModel(kind, place, shape)
    const closing = new AsyncDisposableStack()
    const sql = lifeSchema(model)
    const database = async (): Promise<TestDatabase> => {
      const made = await createDatabase(major, { sql })
      closing.defer(() => made.drop())
      return made
    }
    const databases = { ours: await database(), twin: await database() }
    const client = async ({ url }: TestDatabase): Promise<pg.Client> => {
      const made = new pg.Client({ connectionString: url })
      await made.connect()
      closing.defer(() => made.end())
      return made
    }
    const clients = { ours: await client(databases.ours), twin: await client(databases.twin) }
    const flags = fixedFlags(Object.fromEntries(model.tables.map(({ migration }) => [flagOf(migration.id), false])))
    let url = databases.ours.url
    if (route === 'PgBouncer') {
      const bouncer = await startPgBouncer(pgbouncerProgram() ?? '', url, 4)
      closing.defer(() => bouncer.stop())
      url = bouncer.url
    }
    const project = closing.use(await cliProject(url, declarationsText(model), { soak: '0ms', hold: '0ms' }))
    expect((await project.run(['init', '--yes'])).code).toBe(0)
    const reports = new pg.Pool({ connectionString: databases.ours.url, max: 1 })
    closing.defer(() => reports.end())
    const pairs: Pair[] = []
    for (const { name, open } of APPLICATIONS) {
      const events: StatementEvent[] = []
      const onStatement = (event: StatementEvent): void => void events.push(event)
      const ours = await open({ url, model, migrating: { flags, onStatement } })
      closing.defer(() => ours.close())
      const twin = await open({ url: databases.twin.url, model, migrating: undefined })
      closing.defer(() => twin.close())
      if (ours.runtime !== undefined) {
        const fleet = joinFleet(ours.runtime, reports, { application: name, instance: name, everyMs: 500 })
        closing.defer(() => fleet.leave())
      }
      pairs.push({ name, ours, twin, events })
    }
    return new Life({ model, flags, databases, clients, project, pairs, closing, first })
  }

  private constructor(parts: {
    readonly model: LifeModel
    readonly flags: FixedFlags
    readonly databases: Both<TestDatabase>
    readonly clients: Both<pg.Client>
    readonly project: CliProject
    readonly pairs: readonly Pair[]
    readonly closing: AsyncDisposableStack
    readonly first: number
  }) {
    this.model = parts.model
    this.#flags = parts.flags
    this.#databases = parts.databases
    this.#clients = parts.clients
    this.#project = parts.project
    this.#pairs = parts.pairs
    this.#closing = parts.closing
    this.#turn = parts.first
  }

  /** Ends everything, in the reverse order of its beginning. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync()
  }

  /** Runs a command for each migration of the model; `@` and `@old` stand for the names that a destruction of that side is confirmed by, `@file` for that of the last backup. */
  async run(line: string, code = 0): Promise<readonly CliAnswer[]> {
    const answers: CliAnswer[] = []
    for (const table of this.model.tables) answers.push(await this.#runOne(table, line, code))
    return answers
  }

  async #runOne({ migration }: ModelTable, line: string, code: number): Promise<CliAnswer> {
    const [command = '', ...flags] = line.split(' ')
    const token = (side: 'old' | 'new') =>
      `${migration.table.name}.${migration[side].map(({ name }) => name).join('+')}@${this.#databases.ours.name}`
    const file = join(this.#project.folder, `${migration.id}.${this.#drops}.zst`)
    const tokens: Readonly<Record<string, string>> = { '@': token('new'), '@old': token('old'), '@file': file }
    const args = [command, migration.id, ...flags.map((flag) => tokens[flag] ?? flag)]
    const answer = await this.#project.run(args)
    expect(`${args.join(' ')}: ${answer.code}\n${answer.code === code ? '' : answer.stdout + answer.stderr}`).toBe(
      `${args.join(' ')}: ${code}\n`,
    )
    return answer
  }

  /**
   * To `contract`, on record: reads of a minute ago are no soak, and keys of the old columns go no sooner than these. Statements that were left to the trigger
   * on purpose are forgotten, as the gate says it.
   */
  async toContract(): Promise<void> {
    await this.#forget()
    await this.acknowledged()
    await this.run('contract --override soak,dependents --reason test --yes')
    await this.acknowledged()
  }

  async #forget(): Promise<void> {
    if (this.model.kind.left === undefined) return
    await this.#clients.ours.query("delete from expand_contract.statements where outcome in ('kept', 'refused')")
  }

  /** Whether all that is dropped can come back: keys that were let go of are for people. */
  get isRestorable(): boolean {
    return this.model.kind.key === undefined
  }

  /** From `hold` to the end. */
  async toDrop(): Promise<void> {
    await this.letGo()
    await this.#forget()
    await this.#backup()
    await this.acknowledged()
    await this.run('drop --confirm @old')
    await this.acknowledged()
  }

  async #backup(): Promise<void> {
    this.#drops++
    await this.run('backup --out @file')
  }

  /**
   * In `hold`, somebody who knows the old column alone writes what the mapping has no way back for: only the backup has it, and until it is restored
   * the twin has a row more than the applications can read.
   */
  async writeLoss(): Promise<void> {
    await this.#loss(({ sql, lossy, held }) => `insert into ${sql} (nr, ${held}) values (${LOSSY_NR}, ${lossy})`)
  }

  async removeLoss(): Promise<void> {
    await this.#loss(({ sql }) => `delete from ${sql} where nr = ${LOSSY_NR}`)
  }

  async #loss(of: (at: { sql: string; lossy: number; held: string }) => string): Promise<void> {
    for (const { sql, change } of this.model.tables) {
      const { lossy } = change
      if (lossy === undefined) continue
      const name = this.model.place.column(Object.keys(change.old)[0] ?? '')
      await this.#clients.ours.query(of({ sql, lossy, held: quoteIdentifier(heldColumnName(name)) }))
      await this.#clients.twin.query(of({ sql, lossy, held: quoteIdentifier(name) }))
    }
  }

  /** From now on every process follows what is recorded. */
  async acknowledged(): Promise<void> {
    await this.run('wait --for acknowledged --timeout 2m')
  }

  setFlags(on: boolean): void {
    for (const { migration } of this.model.tables) this.#flags.set(flagOf(migration.id), on)
  }

  /**
   * One application does all of its steps on both databases, and the others read; with EC_LIFE=full each does all. What they give and what they leave must
   * be the same. Returns the sides that were read. Where the new columns are written alone, those of a split may be NULL, of which an old NOT NULL would not let any be.
   */
  async check(stage: string, written: 'both' | 'new' = 'both'): Promise<ReadonlySet<string>> {
    const nullable = written === 'new' && this.model.tables.some(({ migration }) => migration.new.length > 1)
    const turn = this.#pairs[this.#turn++ % this.#pairs.length]
    for (const pair of this.#pairs) {
      const { name, ours, twin, events } = pair
      events.length = 0
      const all = EACH_DOES_ALL || pair === turn
      for (const step of all ? stepsOf(this.model, this.#round) : readingSteps(this.model)) {
        if (nullable && step[0].endsWith(MAY_NOT_BE)) continue
        const [one, other] = [await resultOf(ours, step), await resultOf(twin, step)]
        expect(`${stage}, ${name}, ${one}`).toBe(`${stage}, ${name}, ${other}`)
      }
      if (all) this.#round++
    }
    await this.checkRows(stage)
    const sent = this.#pairs.flatMap(({ events }) => events)
    const { left = [] } = this.model.kind
    const unproven = sent.filter(
      ({ outcome, reasons }) => outcome === 'refused' || reasons.some(({ code }) => !left.includes(code)),
    )
    expect(unproven.map(({ outcome, reasons, text }) => [stage, outcome, reasons, text])).toEqual([])
    return new Set(sent.flatMap(({ reads }) => Object.values(reads)))
  }

  /** A process that is not wrapped writes one side alone; on the twin it is the old one. */
  async writeOneSide(side: 'old' | 'new'): Promise<void> {
    for (const { ours, twin } of oneSided(this.model, this.#round, side)) {
      await this.#clients.ours.query(ours)
      await this.#clients.twin.query(twin)
    }
    this.#round++
    await this.checkRows(`a process that writes the ${side} columns alone`)
  }

  /** An operator runs what parity leaves to him: foreign keys of other tables to the new column. */
  async decide(): Promise<void> {
    const migrations = this.model.tables.map(({ migration }) => migration)
    for (const migration of migrations) {
      const { forPeople } = await readParity(this.#clients.ours, migration)
      for (const { sql, before } of forPeople) if (before === 'switch') await this.#clients.ours.query(sql)
    }
  }

  async analyze(): Promise<void> {
    for (const { sql } of this.model.tables) await this.#clients.ours.query(`analyze ${sql}`)
  }

  /** What the old columns hold, by whatever name, is what they hold on the twin; and the new ones what becomes of that, where both are known to be filled. */
  async checkRows(stage: string): Promise<void> {
    for (const table of this.model.tables) {
      const { rows } = await this.#clients.ours.query<{ name: string }>(
        'select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0',
        [table.sql],
      )
      const { ours, twin } = rowsSql(
        this.model.place,
        table,
        rows.map(({ name }) => name),
      )
      const [one, other] = [await this.#clients.ours.query(ours), await this.#clients.twin.query(twin)]
      expect(one.rows, `${stage}: rows of ${table.sql}`).toEqual(other.rows)
    }
  }

  /** An operator does by hand what the gates of the drop name: keys of the old columns go, those of the new ones stay. */
  async letGo(): Promise<void> {
    for (const sql of letGoSql(this.model)) await this.#clients.ours.query(sql)
  }

  /** The twin is changed by hand, as one would who may stop everybody; then both are the same. */
  async checkEnd(): Promise<void> {
    for (const sql of byHandSql(this.model)) await this.#clients.twin.query(sql)
    const [ours, twin] = [await endText(this.#clients.ours), await endText(this.#clients.twin)]
    expect(ours).toBe(twin)
  }

  /** Rows whose columns are not in step. */
  async outOfStep(): Promise<readonly unknown[]> {
    const found: unknown[] = []
    for (const table of this.model.tables) {
      const { rows } = await this.#clients.ours.query(
        `select * from ${table.sql} where not (${inStepSql(this.model.place, table)}) limit 3`,
      )
      found.push(...rows)
    }
    return found
  }

  /** Nothing of the migration is left. */
  async checkCatalog(stage: string, options: { readonly notNullNames?: boolean } = {}): Promise<void> {
    const [ours, twin] = [
      await catalogText(this.#clients.ours, options),
      await catalogText(this.#clients.twin, options),
    ]
    expect(`${stage}\n${ours}`).toBe(`${stage}\n${twin}`)
  }
}
