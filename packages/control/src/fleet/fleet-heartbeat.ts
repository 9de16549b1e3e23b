import { ExpandContractError, type Runtime } from '@expand-contract/core'
import type { Control } from '../control.ts'
import { checkControl } from '../install/installed-versions.ts'
import { declarationHash } from '../records/declaration-hash.ts'
import { type ReportAnswer, reportInstance } from '../records/fleet.ts'
import { VERSION } from '../version.ts'
import { Acknowledgement } from './acknowledged.ts'
import type { ParsedFleetOptions } from './fleet-options.ts'
import { Latencies } from './latencies.ts'
import { StatementCounts } from './statement-counts.ts'

/** After failures it waits longer, up to so many intervals. */
const MAX_PATIENCE = 12
/** A phase that has changed is acknowledged as soon as the lease is over; a process that cannot do it does not try for ever. */
const MAX_HURRIES = 3
const LEAVE_MS = 5_000

/** Writes the row of this process and what it has sent, again and again. */
export class FleetHeartbeat {
  readonly counts: StatementCounts
  readonly latencies: Latencies
  readonly #runtime: Runtime
  readonly #control: Control
  readonly #options: ParsedFleetOptions
  readonly #acknowledgement: Acknowledgement
  readonly #declarations: Readonly<Record<string, string>>
  #answer: ReportAnswer | undefined
  #acknowledged: Readonly<Record<string, number>> = {}
  #failures = 0
  #hurries = 0
  /** One report after the other. */
  #turn: Promise<void> = Promise.resolve()
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(runtime: Runtime, control: Control, options: ParsedFleetOptions) {
    this.#runtime = runtime
    this.#control = control
    this.#options = options
    this.counts = new StatementCounts(runtime.migrations, Date.now())
    this.latencies = new Latencies(Date.now())
    this.#acknowledgement = new Acknowledgement(runtime, control.schema)
    this.#declarations = Object.fromEntries(runtime.migrations.map((each) => [each.id, declarationHash(each)]))
  }

  start(): void {
    void this.#beat()
  }

  report(leaving = false): Promise<void> {
    this.#turn = this.#turn.then(() => this.#write(leaving))
    return this.#turn
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    let timer: ReturnType<typeof setTimeout> | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_MS)
    })
    await Promise.race([this.report(true), patience])
    clearTimeout(timer)
  }

  async #beat(): Promise<void> {
    await this.report()
    if (this.#stopped) return
    const jitter = 0.9 + Math.random() * 0.2
    this.#timer = setTimeout(() => void this.#beat(), this.#pauseMs() * jitter)
    this.#timer.unref()
  }

  #pauseMs(): number {
    const { everyMs } = this.#options
    if (this.#failures > 0) return everyMs * Math.min(2 ** (this.#failures - 1), MAX_PATIENCE)
    this.#hurries = this.#isBehind() ? this.#hurries + 1 : 0
    const hurried = this.#hurries > 0 && this.#hurries <= MAX_HURRIES
    return hurried ? Math.min(everyMs, Math.max(this.#leaseMs, 100)) : everyMs
  }

  /** The answer to the last report names epochs that it did not acknowledge. */
  #isBehind(): boolean {
    const { epochs = {} } = this.#answer ?? {}
    return this.#runtime.migrations.some(({ id }) => epochs[id] !== this.#acknowledged[id])
  }

  get #leaseMs(): number {
    return Math.max(0, ...this.#runtime.catalogReaders.map(({ leaseMs }) => leaseMs))
  }

  async #write(leaving: boolean): Promise<void> {
    const { application, version, instance, everyMs, host } = this.#options
    try {
      if (this.#answer === undefined) await checkControl(this.#control)
      await this.counts.gather()
      const now = Date.now()
      const [reads, statements] = [this.counts.reads(now), this.counts.statements()]
      const { latencies, ms } = this.latencies.take(now)
      const acknowledged = this.#acknowledgement.of(this.#answer, now)
      const answer = await reportInstance(this.#control, {
        id: instance,
        application,
        appVersion: version,
        libraryVersion: VERSION,
        host,
        leaseMs: this.#leaseMs,
        everyMs,
        leaving,
        acknowledged,
        declarations: this.#declarations,
        reads,
        statements,
        latencies,
        latencyMs: ms,
      })
      if (!answer.accepted) throw new Error(`the row of ${instance} belongs to another role`)
      this.#answer = answer
      this.#acknowledged = acknowledged
      this.counts.reported(statements, reads, now)
      this.latencies.reported(now)
      this.#failures = 0
    } catch (cause) {
      this.#failures++
      if (this.#failures === 1) this.#warn(cause)
    }
  }

  #warn(cause: unknown): void {
    // Nothing is reported until somebody has installed what is missing: that is said here, and not in the cause alone.
    const schema = ExpandContractError.isInstance(cause) ? ` ${cause.message.replaceAll(/\s*\n\s*/gu, ' ')}` : ''
    const message = `The process ${this.#options.instance} could not report to the control schema ${JSON.stringify(this.#control.schema)}. It goes on, and tries again; a phase change that waits for it waits longer.${schema}`
    this.#runtime.observer.onWarning?.({ code: 'fleet', message, cause })
  }
}
