import { databasePhases, type FleetMember, joinFleet } from '@expand-contract/control'
import { createRuntime, fixedFlags, type Runtime, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { instrumentedSql } from '@expand-contract/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import { expect, vi } from 'vitest'
import { Outages } from './outages.ts'

const FULL_NAME = renameColumn({
  ...{ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' },
})
const LEASE_MS = 100

interface Row {
  readonly id: number
  readonly name: string
}

/** How somebody writes rows; in `together` all of them or none. */
interface Kind {
  readonly name: string
  insert(row: Row): Promise<unknown>
  update(row: Row): Promise<unknown>
  together(rows: readonly Row[]): Promise<unknown>
  read(id: number): Promise<readonly Partial<Row>[]>
}

const INSERT = 'insert into users (id, name) values ($1, $2)'
const UPDATE = 'update users set name = $2 where id = $1'
const READ = 'select id, name from users where id = $1'

/** As node-postgres asks of a process that is to live on: idle clients tell the pool, those in use tell it themselves. */
const surviving = (pool: pg.Pool): pg.Pool =>
  pool.on('error', () => undefined).on('connect', (client) => void client.on('error', () => undefined))

const poolKind = (name: string, pool: pg.Pool): Kind => ({
  name,
  insert: (row) => pool.query(INSERT, [row.id, row.name]),
  update: (row) => pool.query(UPDATE, [row.id, row.name]),
  async together(rows) {
    const client = await pool.connect()
    try {
      await client.query('begin')
      for (const row of rows) await client.query(UPDATE, [row.id, row.name])
      await client.query('commit')
      client.release()
    } catch (error) {
      client.release(true)
      throw error
    }
  },
  read: async (id) => (await pool.query<Row>(READ, [id])).rows,
})

const sqlKind = (name: string, sql: postgres.Sql): Kind => ({
  name,
  insert: (row) => sql.unsafe(INSERT, [row.id, row.name]),
  update: (row) => sql.unsafe(UPDATE, [row.id, row.name]),
  together: (rows) =>
    sql.begin(async (transaction) => {
      for (const row of rows) await transaction.unsafe(UPDATE, [row.id, row.name])
    }),
  read: async (id) => [...(await sql.unsafe<Row[]>(READ, [id]))],
})

/** Of each row: the number of the last value that was acknowledged, and of the last one that was sent. */
interface Sent {
  acknowledged: number
  sent: number
}

/** One after the other, writes rows of its own: some of those that were there, and new ones. */
class Writer {
  /** Rounds that were done whole. */
  rounds = 0
  readonly #kind: Kind
  readonly #outages: Outages
  readonly #failed: (text: string) => void
  readonly #old: readonly number[]
  readonly #firstNew: number
  readonly #rows: Map<number, Sent>
  #number = 0
  #running = true
  readonly #done: Promise<void>

  constructor(
    kind: Kind,
    index: number,
    shared: { readonly rows: Map<number, Sent>; readonly outages: Outages; readonly failed: (text: string) => void },
  ) {
    this.#kind = kind
    this.#outages = shared.outages
    this.#failed = shared.failed
    this.#rows = shared.rows
    // From all blocks of the table.
    this.#old = Array.from({ length: 30 }, (_, at) => at * 100 + index + 1)
    this.#firstNew = 1_000_000 * (index + 1)
    this.#done = this.#work()
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#done
  }

  async #work(): Promise<void> {
    while (this.#running) {
      const since = this.#outages.mark()
      try {
        await this.#round()
        this.rounds++
      } catch (error) {
        if (!this.#outages.explains(since, error)) this.#failed(`${this.#kind.name}: ${String(error)}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
  }

  async #round(): Promise<void> {
    const number = ++this.#number
    const { insert, update, together, read } = this.#kind
    await this.#send([this.#firstNew + number], ([row]) => insert(row))
    const [one = 0, two = 0] = [number, number + 7].map((at) => this.#old[at % this.#old.length])
    await this.#send([one], ([row]) => update(row))
    await this.#send([one, two], (rows) => together(rows))
    const [found] = await read(one)
    if (found?.name !== this.#text(number)) throw new Error(`row ${one} reads ${JSON.stringify(found)}`)
  }

  #text(number: number): string {
    return `${this.#kind.name} ${number}`
  }

  async #send(ids: readonly number[], send: (rows: readonly [Row, ...Row[]]) => Promise<unknown>): Promise<void> {
    const states = ids.map((id) => this.#rows.get(id) ?? { acknowledged: 0, sent: 0 })
    for (const [at, id] of ids.entries()) this.#rows.set(id, states[at] ?? { acknowledged: 0, sent: 0 })
    for (const state of states) state.sent = this.#number
    const [first = 0, ...others] = ids
    const row = (id: number): Row => ({ id, name: this.#text(this.#number) })
    await send([row(first), ...others.map(row)])
    for (const state of states) state.acknowledged = this.#number
  }
}

/** Processes of an application that are never restarted, beside a command and a server that goes down: two annotated ones, and one that knows the old column alone. */
export class CrashWriters implements AsyncDisposable {
  readonly outages = new Outages()
  readonly failures: string[] = []
  readonly #rows = new Map<number, Sent>()
  readonly #writers: readonly Writer[]
  readonly #closing: AsyncDisposableStack

  /** `old`: whether the old column has its name, so that somebody can write it past the library. */
  static async start(url: string, { old }: { readonly old: boolean }): Promise<CrashWriters> {
    const closing = new AsyncDisposableStack()
    const kinds: Kind[] = []
    const options = { catalogRefreshMs: LEASE_MS }
    const joined = (runtime: Runtime, name: string): void => {
      // Reports go by a pool of their own, as in an application; it loses its connection as well.
      const reports = surviving(new pg.Pool({ connectionString: url, max: 1 }))
      closing.defer(() => reports.end())
      const fleet: FleetMember = joinFleet(runtime, reports, { application: name, instance: name, everyMs: 200 })
      closing.defer(() => fleet.leave())
    }
    const pooled = await writerRuntime(closing)
    const pool = surviving(instrumentedPool(pooled, { connectionString: url, max: 2 }, options))
    closing.defer(() => pool.end())
    kinds.push(poolKind('pg', pool))
    const streamed = await writerRuntime(closing)
    const sql = instrumentedSql(streamed, postgres(url, { max: 1, onnotice: () => undefined }), options)
    closing.defer(() => sql.end())
    kinds.push(sqlKind('postgres-js', sql as postgres.Sql))
    if (old) {
      const bare = surviving(new pg.Pool({ connectionString: url, max: 1 }))
      closing.defer(() => bare.end())
      kinds.push(poolKind('old process', bare))
    }
    joined(pooled, 'pg')
    joined(streamed, 'postgres-js')
    return new CrashWriters(kinds, closing)
  }

  private constructor(kinds: readonly Kind[], closing: AsyncDisposableStack) {
    this.#closing = closing
    const shared = { rows: this.#rows, outages: this.outages, failed: (text: string) => void this.failures.push(text) }
    this.#writers = kinds.map((kind, index) => new Writer(kind, index, shared))
  }

  /** Resolves when each has done what it began after the call: its pool is whole again. */
  async goOn(): Promise<void> {
    const from = this.#writers.map(({ rounds }) => rounds)
    await vi.waitFor(
      () => {
        expect(this.failures).toEqual([])
        for (const [at, { rounds }] of this.#writers.entries()) expect(rounds).toBeGreaterThan((from[at] ?? 0) + 2)
      },
      { timeout: 60_000, interval: 20 },
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.stop()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.#closing.disposeAsync()
  }

  /** Rows that have lost a commit that was acknowledged, or have what nobody has sent: by each of these columns. */
  async lost(client: pg.Client, columns: readonly string[]): Promise<readonly string[]> {
    const { rows } = await client.query(`select id, ${columns.join(', ')} from users`)
    const found = new Map<number, Readonly<Record<string, string | null>>>(rows.map((row) => [row.id, row]))
    return columns.flatMap((column) => {
      const wrong: string[] = []
      for (let id = 1; id <= 3_000; id++)
        if (!this.#rows.has(id) && found.get(id)?.[column] !== `user ${id}`.repeat(20)) wrong.push(`${column} of ${id}`)
      for (const [id, { acknowledged, sent }] of this.#rows) {
        const number = Number(/ (\d+)$/u.exec(found.get(id)?.[column] ?? '')?.[1])
        if (acknowledged === 0 ? number > sent && id > 3_000 : !(number >= acknowledged && number <= sent))
          wrong.push(`${column} of ${id}: ${number}, not ${acknowledged} to ${sent}`)
      }
      for (const id of found.keys()) if (id > 3_000 && !this.#rows.has(id)) wrong.push(`${column} of ${id} is new`)
      return wrong
    })
  }
}

async function writerRuntime(closing: AsyncDisposableStack): Promise<Runtime> {
  const flags = fixedFlags({ 'users-read-full-name': true })
  const runtime = await createRuntime({ migrations: [FULL_NAME], flags, phases: databasePhases() })
  closing.defer(() => runtime.close())
  return runtime
}
