import { setTimeout as sleep } from 'node:timers/promises'
import type { SqlAction } from '../action.ts'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError, sqlState } from '../runner-error.ts'
import type { Blocker, RunnerEvent } from '../runner-event.ts'
import { blockersOf, describeBlocker, waitedForBy } from './blockers.ts'
import { LOCK_DEFAULTS, type LockOptions, pauseAfter } from './lock-options.ts'
import { lockedTransaction, TRY_AGAIN } from './locked-transaction.ts'
import { LEAVE_NOTHING_BEHIND } from './session-settings.ts'

export interface LoneStatement extends LockOptions {
  /** Names the plan in `application_name`. */
  readonly operation: string
  readonly beside?: RunnerClient
  readonly signal?: AbortSignal
  readonly onEvent: (event: RunnerEvent) => void
}

/** The try has never begun what its `undo` takes away: something of that name is somebody else's. */
const SOMEBODY_ELSES = '42P07'

/**
 * Runs a statement that must stand outside of a transaction, as CREATE INDEX CONCURRENTLY. It waits for transactions of others, and blocks
 * neither readers nor writers meanwhile, so its patience is long; what a try that has failed leaves behind is taken away before the next.
 * @throws EC_LOCK_NOT_GRANTED after the last try, with those who were waited for; errors of the database as they are
 */
export async function loneStatement(client: RunnerClient, action: SqlAction, statement: LoneStatement): Promise<void> {
  const defined = Object.entries(statement).filter(([, value]) => value !== undefined)
  const options: LoneStatement & Required<LockOptions> = {
    ...LOCK_DEFAULTS,
    ...statement,
    ...Object.fromEntries(defined),
  }
  const began = Date.now()
  const restore = await setForSession(client, `expand-contract ${statement.operation} ${action.migration}`, options)
  try {
    let left: { readonly error: unknown } | undefined
    for (let tries = 1; ; tries += 1) {
      options.signal?.throwIfAborted()
      const seen = { blockers: [] as readonly Blocker[] }
      try {
        if (left !== undefined && !(await undo(client, action, options))) throw left.error
        left = undefined
        await watched(client, { ...options, action, seen })
        return
      } catch (error) {
        const state = sqlState(error)
        // A build that has failed is of no use to anybody, and costs every write.
        if (left === undefined && action.undo !== undefined && state !== SOMEBODY_ELSES)
          left = (await undo(client, action, options)) ? undefined : { error }
        if (state === undefined || !TRY_AGAIN.has(state)) throw error
        const found =
          seen.blockers.length > 0 ? seen.blockers : await blockersOf(client, action.tables, true).catch(() => [])
        const retryInMs = pauseAfter(tries, options, Math.random())
        if (tries >= options.maxTries || Date.now() + retryInMs - began > options.giveUpAfterMs)
          throw notFinished(action, {
            ...{ tries, blockers: found.map(describeBlocker), cause: error, left: left !== undefined },
          })
        options.onEvent({
          type: 'waiting',
          transaction: action.sql.slice(0, 60),
          tries,
          sqlState: state,
          blockers: found,
          retryInMs,
        })
        await sleep(retryInMs, undefined, options.signal === undefined ? {} : { signal: options.signal }).catch(
          (reason) => {
            options.signal?.throwIfAborted()
            throw reason
          },
        )
      }
    }
  } finally {
    await restore().catch(() => undefined)
  }
}

/**
 * Takes away what has failed, in a transaction of its own: behind its weak lock nobody is at it any more. False: it could not, since those whom the
 * statement waited for have the table in use. Then the next try begins with it, or the next run. Whoever has stopped it does not wait for others.
 */
async function undo(
  client: RunnerClient,
  { undo: sql, migration, tables }: SqlAction,
  { signal, operation, ...options }: LoneStatement & Required<LockOptions>,
): Promise<boolean> {
  if (sql === undefined) return true
  const stopped = signal?.aborted === true
  const { vacuumTimeoutMs, firstPauseMs, maxPauseMs } = options
  return lockedTransaction(client, {
    ...{ ...options, name: 'undo', migration, tables, exclusive: true, signal: undefined },
    ...{ vacuumTimeoutMs: stopped ? Math.min(vacuumTimeoutMs, STOPPED_UNDO_MS) : vacuumTimeoutMs },
    ...{ firstPauseMs: Math.min(firstPauseMs, UNDO_PAUSE_MS), maxPauseMs: Math.min(maxPauseMs, UNDO_PAUSE_MS) },
    ...{ maxTries: stopped ? 1 : UNDO_TRIES, application: `expand-contract ${operation} ${migration}` },
    onEvent: () => undefined,
    work: async () => void (await client.query(sql)),
  }).then(
    () => true,
    () => false,
  )
}

const STOPPED_UNDO_MS = 1_000
const UNDO_TRIES = 3
const UNDO_PAUSE_MS = 250

const SETTINGS = ['lock_timeout', 'statement_timeout', 'application_name'] as const
const CHECKED = 'client_connection_check_interval'

const listed = (each: (name: string, index: number) => string, names: readonly string[]): string =>
  names.map(each).join(', ')

/** A transaction's own settings are out of reach here; they are put back as they were. */
async function setForSession(
  client: RunnerClient,
  application: string,
  { buildTimeoutMs }: Required<LockOptions>,
): Promise<() => Promise<unknown>> {
  const set = (names: readonly string[], to: readonly string[]) =>
    client.query(`SELECT ${listed((name, index) => `pg_catalog.set_config('${name}', $${index + 1}, false)`, names)}`, [
      ...to,
    ])
  const all = [...SETTINGS, CHECKED]
  const { rows } = await client.query(
    `SELECT ${listed((name) => `pg_catalog.current_setting('${name}') AS ${name}`, all)}`,
  )
  const restore = () =>
    set(
      all,
      all.map((name) => String(rows[0]?.[name])),
    )
  try {
    await set(SETTINGS, [`${Math.max(1, Math.round(buildTimeoutMs))}ms`, '0', application])
    await client.query(LEAVE_NOTHING_BEHIND)
  } catch (error) {
    await restore().catch(() => undefined)
    throw error
  }
  return restore
}

const LOOK_MS = 1_000

interface Watched extends LoneStatement {
  readonly action: SqlAction
  readonly seen: { blockers: readonly Blocker[] }
}

/** Runs it, and looks from beside who it waits for. */
async function watched(client: RunnerClient, { action, beside, onEvent, seen }: Watched): Promise<void> {
  if (beside === undefined) return void (await client.query(action.sql))
  const { rows } = await client.query('SELECT pg_catalog.pg_backend_pid() AS pid')
  const pid = Number(rows[0]?.pid)
  const ended = new AbortController()
  const began = Date.now()
  const look = async (): Promise<void> => {
    for (;;) {
      await sleep(LOOK_MS, undefined, { signal: ended.signal })
      seen.blockers = await waitedForBy(beside, pid)
      if (seen.blockers.length > 0)
        onEvent({ type: 'blocked', action, blockers: seen.blockers, waitedMs: Date.now() - began })
    }
  }
  // Who it was is good to know, and no reason to fail.
  const looking = look().catch(() => undefined)
  try {
    await client.query(action.sql)
  } finally {
    ended.abort()
    await looking
  }
}

interface NotFinished {
  readonly tries: number
  readonly blockers: readonly string[]
  readonly cause: unknown
  /** What it had built is there, invalid. */
  readonly left: boolean
}

const notFinished = ({ sql, migration, tables }: SqlAction, { tries, blockers, cause, left }: NotFinished) =>
  runnerError('EC_LOCK_NOT_GRANTED', {
    message: `For ${migration}, \`${sql}\` waited too long for others on ${tables.join(', ')}, in ${tries} ${tries === 1 ? 'try' : 'tries'}. What it had built ${
      left ? 'is left behind, invalid, and the next run takes it away first' : 'was taken away'
    }. ${blockers.length === 0 ? 'Nobody was in the way when it had ended.' : `In the way: ${blockers.join('; ')}.`}`,
    hint: 'End what is in the way, or wait for a quieter time, and run the command again.',
    migration,
    cause,
  })
