import { setTimeout as sleep } from 'node:timers/promises'
import type { RunnerClient } from '../runner-client.ts'
import { runnerError, sqlState } from '../runner-error.ts'
import type { RunnerEvent } from '../runner-event.ts'
import { blockersOf, describeBlocker } from './blockers.ts'
import { LOCK_DEFAULTS, type LockOptions, pauseAfter } from './lock-options.ts'
import { setForTransaction, setLockTimeout } from './session-settings.ts'

/** The lock was not granted in time; a deadlock was broken; a catalog row was changed at the same moment (40001). */
export const TRY_AGAIN: ReadonlySet<string> = new Set(['55P03', '40P01', '40001'])

export interface LockedTransaction extends LockOptions {
  /** Names it in events and errors. */
  readonly name: string
  readonly migration: string
  /** The tables, quoted, that it will lock; the first lock is taken on these. */
  readonly tables: readonly string[]
  /** What it takes is stronger than what a VACUUM takes, so that any session may be in its way. */
  readonly exclusive: boolean
  /** @defaultValue `expand-contract <name> <migration>` */
  readonly application?: string
  readonly signal?: AbortSignal | undefined
  readonly onEvent: (event: RunnerEvent) => void
  /** Called at the end of the transaction; what it throws takes it back. @defaultValue nothing */
  readonly fence?: ((client: RunnerClient, where: 'transaction') => Promise<void>) | undefined
  /** Everything that is done under the locks. It is done again in each try, and must not reach beyond the transaction. */
  readonly work: () => Promise<void>
}

/**
 * Runs one transaction that needs locks which others may hold: each try waits for 200 ms and then lets the queue behind it go. Before it,
 * a weak lock is taken with more patience: an autovacuum yields only to one who waits for longer than deadlock_timeout (with 200 ms alone 0 of
 * 20 ALTER TABLE succeeded beside it), and the weak lock keeps the next one away.
 * @throws EC_LOCK_NOT_GRANTED after the last try, with those who were in the way; the reason of the signal
 */
export async function lockedTransaction(client: RunnerClient, transaction: LockedTransaction): Promise<void> {
  const options = { ...LOCK_DEFAULTS, ...definedOf(transaction) }
  const { name, signal, onEvent } = transaction
  const began = Date.now()
  for (let tries = 1; ; tries += 1) {
    signal?.throwIfAborted()
    const attempt = { phase: 'weak' as 'weak' | 'strong', lockedAt: Date.now() }
    try {
      await client.query('BEGIN')
      await setForTransaction(client, transaction.application ?? `expand-contract ${name} ${transaction.migration}`)
      if (transaction.tables.length > 0) {
        await setLockTimeout(client, options.vacuumTimeoutMs)
        await client.query(`LOCK TABLE ${transaction.tables.join(', ')} IN SHARE UPDATE EXCLUSIVE MODE`)
      }
      signal?.throwIfAborted()
      attempt.phase = 'strong'
      attempt.lockedAt = Date.now()
      await setLockTimeout(client, options.lockTimeoutMs)
      await transaction.work()
      await transaction.fence?.(client, 'transaction')
      signal?.throwIfAborted()
      await client.query('COMMIT')
      onEvent({ type: 'committed', transaction: name, tries, lockedMs: Date.now() - attempt.lockedAt })
      return
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      const state = sqlState(error)
      if (state === undefined || !TRY_AGAIN.has(state)) throw error
      const exclusive = attempt.phase === 'strong' && transaction.exclusive
      // Who it was is good to know, and no reason to fail with another error.
      const blockers = await blockersOf(client, transaction.tables, exclusive).catch(() => [])
      const retryInMs = pauseAfter(tries, options, Math.random())
      if (tries >= options.maxTries || Date.now() + retryInMs - began > options.giveUpAfterMs)
        throw notGranted(transaction, { tries, blockers: blockers.map(describeBlocker), cause: error })
      onEvent({ type: 'waiting', transaction: name, tries, sqlState: state, blockers, retryInMs })
      await sleep(retryInMs, undefined, signal === undefined ? {} : { signal }).catch((reason) => {
        signal?.throwIfAborted()
        throw reason
      })
    }
  }
}

/** Without what is undefined, which would hide a default. */
const definedOf = (options: LockOptions): LockOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))

interface Refusal {
  readonly tries: number
  readonly blockers: readonly string[]
  readonly cause: unknown
}

const notGranted = ({ name, migration, tables }: LockedTransaction, { tries, blockers, cause }: Refusal) =>
  runnerError('EC_LOCK_NOT_GRANTED', {
    message: `The step "${name}" of ${migration} did not get its lock on ${tables.join(', ')} in ${tries} ${tries === 1 ? 'try' : 'tries'}. Nothing was changed. ${
      blockers.length === 0 ? 'Nobody held a lock when the last try had ended.' : `In the way: ${blockers.join('; ')}.`
    }`,
    hint: 'End what is in the way, or wait for a quieter time, and run the command again.',
    migration,
    cause,
  })
