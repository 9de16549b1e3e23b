import { createRuntime, type Runtime } from '@expand-contract/core'
import { instrumentedClient } from '@expand-contract/pg'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { postgresMajors } from '../support/postgres.ts'
import { readSwitch } from '../support/read-switch.ts'
import { BOTH_UNIQUE, MIGRATIONS, UNTOUCHED, UPSERT } from './overtaken-upserts.ts'
import { RacingApplication } from './racing-application.ts'

/** The timeout of a query, by which its timer is found. */
const NEVER_MS = 3_456_789

const RETURNING = `${UPSERT} returning login, hits`

const codeOf = (error: { readonly code?: string; readonly message: string }): string => error.code ?? error.message

/** What each statement of a pipeline answers, in their order. */
const together = (client: pg.Client, texts: readonly (string | readonly [string, string[]])[]): Promise<unknown> =>
  Promise.all(
    texts.map((text) =>
      (typeof text === 'string' ? client.query(text) : client.query(text[0], text[1])).then(
        ({ rows, command }) => ({ rows, command }),
        codeOf,
      ),
    ),
  )

describe.each(postgresMajors())('an upsert that is overtaken, on PostgreSQL %i', (major) => {
  let twin: RacingApplication
  let own: RacingApplication
  let runtime: Runtime
  let keys = 0
  const newKey = (): string => `k${++keys}`

  beforeAll(async () => {
    runtime = await createRuntime({ migrations: MIGRATIONS, phases: readSwitch(MIGRATIONS) })
    twin = await RacingApplication.start(major, UNTOUCHED, pg.Client)
    own = await RacingApplication.start(major, BOTH_UNIQUE, instrumentedClient(runtime))
  })
  afterAll(async () => {
    await Promise.all([twin?.stop(), own?.stop()])
    await runtime?.close()
  })

  const overtaken = (app: RacingApplication, key: string, send: () => Promise<unknown>): Promise<unknown> =>
    app.gate.overtake(send, () => app.quick.query('insert into accounts (login) values ($1)', [key]))

  test.each(['repeatable read', 'serializable'])(
    'in a transaction that is %s it fails as the twin does',
    async (level) => {
      const key = newKey()
      const outcome = async (app: RacingApplication): Promise<unknown> => {
        await app.held.query(`begin isolation level ${level}`)
        await app.held.query('select 1 from accounts')
        const code = await overtaken(app, key, () => app.held.query(UPSERT, [key]).catch(codeOf))
        const next = await app.held.query('select 1').catch(codeOf)
        return { code, next, end: (await app.held.query('commit')).command }
      }
      const wanted = await outcome(twin)
      expect(wanted).toEqual({ code: '40001', next: '25P02', end: 'ROLLBACK' })
      expect(await outcome(own)).toEqual(wanted)
    },
  )

  describe('in a pipeline', () => {
    let pipelined: readonly [twin: RacingApplication, own: RacingApplication]
    beforeAll(async () => {
      const config = { pipeline: true } as pg.ClientConfig
      pipelined = [
        await RacingApplication.start(major, UNTOUCHED, pg.Client, config),
        await RacingApplication.start(major, BOTH_UNIQUE, instrumentedClient(runtime), config),
      ]
    })
    afterAll(async () => {
      await Promise.all((pipelined ?? []).map((app) => app.stop()))
    })

    test.each<[string, (key: string) => (string | [string, string[]])[]]>([
      [
        'what follows it waits, and sees its row',
        (key) => [
          ['insert into accounts (login) values ($1)', [`other ${key}`]],
          [RETURNING, [key]],
          ['update accounts set hits = hits * 10 where login = $1 returning hits', [key]],
          [RETURNING, [key]],
          ['select login, hits from accounts where login = $1', [key]],
        ],
      ],
      [
        'with its transaction',
        (key) => [
          'begin',
          [RETURNING, [key]],
          ['update accounts set hits = hits * 10 where login = $1 returning hits', [key]],
          'commit',
          ['select login, hits from accounts where login = $1', [key]],
        ],
      ],
    ])('%s', async (_, texts) => {
      const key = newKey()
      const [wanted, answered] = await Promise.all(
        pipelined.map((app) => overtaken(app, key, () => together(app.held, texts(key)))),
      )
      expect(answered).toEqual(wanted)
      expect(JSON.stringify(wanted)).toContain('"hits":20')
    })
  })

  describe.each<[string, string[]]>([
    ['outside of a transaction', []],
    ['in a transaction', ['begin']],
  ])('that waits when it is sent again, %s', (_, before) => {
    /** Sent again it waits for the lock of the row, which is held until `work` is done. */
    const whileWaiting = async (key: string, send: () => Promise<unknown>, work: () => Promise<unknown>) => {
      for (const text of before) await own.held.query(text)
      const blocker = new pg.Client({ connectionString: own.database.url })
      await blocker.connect()
      const outcome = own.gate.overtake(send, async () => {
        await own.gate.rows(`insert into accounts (login, login_name) values ('${key}', '${key}')`)
        await blocker.query('begin')
        await blocker.query('update accounts set hits = 5 where login = $1', [key])
      })
      const waiting = `select from pg_locks where not granted and locktype = 'transactionid'
        and pid in (select pid from pg_stat_activity where datname = current_database())`
      while ((await own.gate.rows(waiting)).length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      await work()
      await blocker.query('commit')
      await blocker.end()
      return outcome
    }

    test('it goes on when it may', async () => {
      const key = newKey()
      const answer = await whileWaiting(
        key,
        () => own.held.query(RETURNING, [key]).then(({ rows }) => rows),
        async () => undefined,
      )
      expect(answer).toEqual([{ login: key, hits: 6 }])
      if (before.length > 0) await own.held.query('commit')
    })

    test('it is cancelled when somebody cancels it', async () => {
      const key = newKey()
      const { processID } = own.held as unknown as { processID: number }
      const code = await whileWaiting(
        key,
        () => own.held.query(UPSERT, [key]).catch(codeOf),
        async () => {
          await own.gate.rows(`select pg_cancel_backend(${processID})`)
        },
      )
      expect(code).toBe('57014')
      const next = await own.held.query('select 1').catch(codeOf)
      if (before.length === 0) expect(next).toMatchObject({ rowCount: 1 })
      else expect(next).toBe('25P02')
      await own.held.query('rollback')
    })

    test('its time runs out, and it is done all the same, as pg has it', async () => {
      const key = newKey()
      const told = Promise.withResolvers<string>()
      const config = { text: UPSERT, values: [key], query_timeout: NEVER_MS } as pg.QueryConfig
      const timers = vi.spyOn(globalThis, 'setTimeout')
      await whileWaiting(
        key,
        () => own.held.query(config).catch((error) => told.resolve(codeOf(error))),
        async () => {
          // The time of pg is over now, and not while the upsert is overtaken on a slow machine.
          const at = timers.mock.calls.findIndex(([, ms]) => ms === NEVER_MS)
          const [over] = timers.mock.calls[at] ?? []
          clearTimeout(timers.mock.results[at]?.value)
          timers.mockRestore()
          over?.()
          await told.promise
        },
      )
      expect(await told.promise).toBe('Query read timeout')
      const { rows } = await own.held.query('select hits from accounts where login = $1', [key])
      expect(rows).toEqual([{ hits: 6 }])
      if (before.length > 0) await own.held.query('commit')
    })
  })

  test('a cursor is sent once', async () => {
    const key = newKey()
    const code = await overtaken(own, key, () =>
      own.held
        .query(new Cursor(RETURNING, [key]))
        .read(1)
        .catch(codeOf),
    )
    expect(code).toBe('23505')
    await own.held.query('begin')
    const reader = own.held.query(new Cursor(RETURNING, [key]))
    expect(await reader.read(2)).toEqual([{ login: key, hits: 2 }])
    await reader.close()
    await own.held.query('commit')
  })
})
