import { databasePhases, joinFleet } from '@expand-contract/control'
import {
  createRuntime,
  type FixedFlags,
  type FixedPhases,
  fixedFlags,
  fixedPhases,
  type Phase,
} from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'
import pg from 'pg'
import type { Ledger } from './ledger.ts'
import { migrations } from './schema.ts'
import type { Witness } from './witness.ts'
import { Worker } from './worker.ts'

/** Short, so that the waits of the operator are; the default is a second. */
export const CATALOG_REFRESH_MS = 250

/** One more worker than connections, so that requests also wait for one. */
const CONNECTIONS = 4
const WORKERS = CONNECTIONS + 1

export interface ApplicationOptions {
  /** Counts from 0; two applications have rows of their own. */
  readonly index: number
  readonly url: string
  readonly ledger: Ledger
  readonly witness: Witness
  readonly onFailure: (error: unknown) => void
  /** Whether phases are set from outside, or are those of the control schema, whose fleet it joins. @defaultValue 'set' */
  readonly phases?: 'set' | 'recorded'
}

/** A runtime with a pool, phases and flags of its own, as in a process of its own, and the workers that use it. */
export class Application {
  /** Statements that were not rewritten although they touch a migrating table, with the reason. */
  readonly unproven: string[] = []
  readonly #phases: FixedPhases
  readonly #flags: FixedFlags
  readonly #workers: readonly Worker[]
  readonly #close: () => Promise<void>
  #stopped: Promise<void> | undefined

  static async start(options: ApplicationOptions): Promise<Application> {
    const phases = fixedPhases(Object.fromEntries(migrations.map(({ id }) => [id, 'off' as const])))
    const flags = fixedFlags(Object.fromEntries(migrations.flatMap(({ flag }) => (flag ? [[flag, false]] : []))))
    const unproven: string[] = []
    const runtime = await createRuntime({
      migrations,
      phases: options.phases === 'recorded' ? databasePhases() : phases,
      flags,
      observer: {
        onStatement: ({ outcome, command, reasons }) => {
          if (outcome === 'kept' || outcome === 'refused')
            unproven.push(`${command} ${outcome}: ${reasons.map(({ code, message }) => `${code} (${message})`)}`)
        },
      },
    })
    const pool = instrumentedPool(
      runtime,
      { connectionString: options.url, max: CONNECTIONS },
      { catalogRefreshMs: CATALOG_REFRESH_MS },
    )
    pool.on('error', options.onFailure)
    const reports = new pg.Pool({ connectionString: options.url, max: 1 })
    const fleet =
      options.phases === 'recorded'
        ? joinFleet(runtime, reports, { application: 'shop', instance: `shop-${options.index}`, everyMs: 250 })
        : undefined
    const first = options.index * WORKERS + 1
    const workers = Array.from(
      { length: WORKERS },
      (_, worker) => new Worker({ ...options, pool, runtime, index: first + worker }),
    )
    return new Application(phases, flags, workers, unproven, async () => {
      await fleet?.leave()
      await Promise.all([pool.end(), reports.end()])
      await runtime.close()
    })
  }

  private constructor(
    phases: FixedPhases,
    flags: FixedFlags,
    workers: readonly Worker[],
    unproven: string[],
    close: () => Promise<void>,
  ) {
    this.#phases = phases
    this.#flags = flags
    this.#workers = workers
    this.unproven = unproven
    this.#close = close
  }

  get statements(): number {
    return this.#workers.reduce((sum, { statements }) => sum + statements, 0)
  }

  setPhase(phase: Phase): void {
    for (const { id } of migrations) this.#phases.set(id, phase)
  }

  setFlags(enabled: boolean): void {
    for (const { flag } of migrations) if (flag !== undefined) this.#flags.set(flag, enabled)
  }

  /** Each flag on or off by chance. */
  shuffleFlags(): void {
    for (const { flag } of migrations) if (flag !== undefined) this.#flags.set(flag, Math.random() < 0.5)
  }

  /** Resolves when every request and transaction that is under way now is over. */
  async settled(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.settled()))
  }

  /** Lets the workers finish. May be called again. */
  stop(): Promise<void> {
    this.#stopped ??= Promise.all(this.#workers.map((worker) => worker.stop())).then(this.#close)
    return this.#stopped
  }
}
