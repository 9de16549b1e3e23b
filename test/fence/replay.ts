import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { databasePhases, openControl, readMigration, recordPhase } from '@expand-contract/control'
import { createRuntime, fixedFlags, type Runtime } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import { executeActions, rollback, switchReads } from '@expand-contract/runner'
import type pg from 'pg'
import { vi } from 'vitest'
import { ExpandedDatabase } from '../runner/expanded-database.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { NAME } from './fence-model.ts'
import type { Step } from './protocol.ts'

const LEASE_MS = 60_000
const TABLE = "create table users (id int primary key, name text); insert into users values (1, 'a')"
/** It reads one side, and writes those that are written. */
const WRITE = "update users set name = name || 'x' where id = 1 returning name"

export interface Replayed {
  /** What the last statement of the trace has answered, or its SQLSTATE. */
  readonly last: string | null
  /** What the next one answers, on the same connection. */
  readonly next: string | null
  /** Why the operator could not do a step. */
  readonly refused: string | undefined
  readonly row: Readonly<Record<string, unknown>> | undefined
}

/** A trace of one process, with the packages, on PostgreSQL. Its clock stands still but where a lease ends. */
export async function replay(major: PostgresMajor, trace: readonly string[], statement = WRITE): Promise<Replayed> {
  const db = await ExpandedDatabase.open(major, TABLE)
  vi.useFakeTimers({ toFake: ['Date'] })
  const runtime = await createRuntime({
    migrations: [NAME],
    flags: fixedFlags({ 'read-new': true }),
    phases: databasePhases(),
  })
  const pool = instrumentedPool(runtime, { connectionString: db.database.url, max: 1 }, { catalogRefreshMs: LEASE_MS })
  const process = new ReplayedProcess(await pool.connect(), runtime, statement)
  let refused: string | undefined
  try {
    for (const label of trace) {
      const [who, ...words] = label.split(' ')
      vi.setSystemTime(Date.now() + 1)
      if (who === 'operator')
        await operate(db, words.join(' ') as Step).catch((error) => {
          refused = String(error.code)
        })
      else await process.act(words.join(' '))
    }
    const { last } = process
    await process.act('commits')
    await process.act('plans')
    await process.act('sends')
    const [row] = await db.rows('select * from users')
    return { last, next: process.last, refused, row }
  } finally {
    process.client.release()
    await pool.end()
    await runtime.close()
    vi.useRealTimers()
    await db.close()
  }
}

class ReplayedProcess {
  readonly client: pg.PoolClient
  readonly #runtime: Runtime
  last: string | null = null
  #planned: Promise<string | null> | undefined
  #inScope: (work: () => Promise<string | null>) => Promise<string | null> = (work) => work()

  readonly #statement: string

  constructor(client: pg.PoolClient, runtime: Runtime, statement: string) {
    this.#statement = statement
    this.client = client
    this.#runtime = runtime
  }

  async act(what: string): Promise<void> {
    const known = this.#acts[what]
    if (known === undefined) throw new Error(`a trace says ${JSON.stringify(what)}`)
    await known()
  }

  readonly #acts: Readonly<Record<string, () => unknown>> = {
    'lease ends': () => vi.setSystemTime(Date.now() + LEASE_MS + 1),
    // A connection has read it when it was opened; the model's has not.
    'reads the catalog': () => {
      vi.setSystemTime(Date.now() + LEASE_MS + 1)
      return this.client.query('select id from users where false')
    },
    begins: () => this.client.query('begin'),
    commits: () => this.client.query('rollback').catch(() => undefined),
    'begins a request': () => {
      this.#inScope = this.#runtime.withContext({}, () => AsyncLocalStorage.snapshot())
    },
    reports: () => undefined,
    stops: () => undefined,
    resumes: () => undefined,
    /** What is planned stays in the process until it is let go. */
    plans: async () => {
      this.#stream.cork()
      this.#planned = this.#inScope(async () => {
        try {
          return (await this.client.query(this.#statement)).rows[0].name
        } catch (error) {
          return String(Reflect.get(Object(error), 'code'))
        }
      })
      await turn()
      await turn()
    },
    sends: async () => {
      this.#stream.uncork()
      this.last = (await this.#planned) ?? null
    },
  }

  get #stream(): { cork(): void; uncork(): void } {
    return Reflect.get(Reflect.get(this.client, 'connection'), 'stream')
  }
}

async function operate(db: ExpandedDatabase, step: Step): Promise<void> {
  const control = openControl(db.client)
  const record = await readMigration(control, NAME.id)
  const move = async (operation: 'switch' | 'rollback') => {
    if (record === undefined) throw new Error('there is no record')
    const { phase: from, epoch } = record
    await recordPhase(control, { migration: NAME.id, operation, from, epoch, who: 'test' })
  }
  const execute = async (actions: Parameters<typeof executeActions>[1]) =>
    executeActions(
      db.client,
      actions.filter(({ kind }) => kind === 'sql'),
      { operation: 'replay', maxTries: 1, lockTimeoutMs: 100, handlers: { recordPhase: async () => undefined } },
    )
  const steps: Readonly<Partial<Record<Step, () => Promise<unknown>>>> = {
    expand: () => db.expand(NAME),
    'add-column': () => db.client.query('alter table users add column full_name text'),
    'add-trigger': () => db.expand(NAME),
    fill: () => db.client.query('update users set id = id'),
    'record-switch': async () => {
      await execute(switchReads.plan(NAME, await db.facts(NAME), {}))
      await move('switch')
    },
    'record-expand': () => move('rollback'),
    'record-off': () => move('rollback'),
    'drop-new': async () => execute(rollback.plan(NAME, await db.facts(NAME), { phase: 'off' })),
  }
  await steps[step]?.()
}
