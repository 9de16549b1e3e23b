import type { RequestScope, Runtime } from '@expand-contract/core'
import { DEFAULT_CATALOG_REFRESH_MS } from '../catalog/catalog-options.ts'
import { passes, Session } from '../connection/session.ts'
import type { TransactionStatus } from '../connection/transaction-tracker.ts'
import type { Engine } from '../engine/engine.ts'
import { engineOf } from '../engine/engine-of.ts'
import type { OwnQuery, OwnQueryResult } from '../own-query/own-query.ts'
import { StatementFacts } from '../text/statement-facts.ts'
import { keyWord } from '../text/statements-in.ts'
import { InFlightStatement, isDatabaseError } from './in-flight-statement.ts'
import { nextStep } from './next-step.ts'
import { type OnPlan, planReporter } from './statement-event.ts'

export interface RunnerOptions {
  readonly runtime: Runtime
  /** Host, port and name: sessions on the same database share what is known of it. */
  readonly database: string
  readonly catalogRefreshMs: number | undefined
  /** Nobody else is connected, so that no upsert can be overtaken. @defaultValue false */
  readonly sole?: boolean
}

interface RunnerParts extends Required<Pick<RunnerOptions, 'database' | 'sole'>> {
  readonly engine: Engine
  readonly session: Session
  readonly followsTransactions: boolean
}

/** One statement, and how the driver sends it. */
export interface StatementRun<T> {
  readonly text: string
  /** The request that it was sent in. */
  readonly scope: RequestScope | undefined
  /** Runs a query of ours where the statement will run. */
  ask(query: OwnQuery): Promise<OwnQueryResult>
  /** Sends the text that was planned; called again when the catalog has moved on and nothing of it was done. */
  send(text: string): Promise<T>
  /** False for what hands out parts of its answer before the end. */
  readonly retryable: boolean
}

const ALONE = { alone: true, idle: true }

/**
 * Plans and sends the statements of a session for a driver that can only be wrapped: it neither shows the server's
 * answers nor lets anything in between its queue and the wire. Statements of one transaction are run one after the other.
 */
export class StatementRunner {
  readonly #engine: Engine
  readonly #database: string
  readonly #session: Session
  readonly #onPlan: OnPlan | undefined
  readonly #followsTransactions: boolean
  readonly #sole: boolean

  private constructor({ engine, database, session, followsTransactions, sole }: RunnerParts) {
    this.#engine = engine
    this.#database = database
    this.#session = session
    this.#onPlan = planReporter(engine.runtime)
    this.#followsTransactions = followsTransactions
    this.#sole = sole
  }

  /** For statements outside of transactions, on whatever connections have one search path. */
  static of(options: RunnerOptions): StatementRunner {
    const { runtime, database, catalogRefreshMs = DEFAULT_CATALOG_REFRESH_MS, sole = false } = options
    const engine = engineOf(runtime, catalogRefreshMs)
    const session = new Session(engine, database)
    return new StatementRunner({ engine, database, session, followsTransactions: false, sole })
  }

  /** For one connection, whose transactions are followed by the words of what is sent; with `path: 'same'` it starts from what is known here. */
  connection({ path }: { readonly path: 'same' | 'unknown' }): StatementRunner {
    const [engine, database, sole] = [this.#engine, this.#database, this.#sole]
    const session = new Session(engine, database, path === 'same' ? this.#session : undefined)
    return new StatementRunner({ engine, database, session, followsTransactions: true, sole })
  }

  /** As the server reported the setting of this name. */
  set standardConformingStrings(on: boolean) {
    this.#session.standardConformingStrings = on
  }

  get status(): TransactionStatus {
    return this.#session.transaction.status
  }

  /** The driver has begun or ended a transaction by itself. */
  setStatus(status: TransactionStatus): void {
    this.#session.ready(status, ALONE)
  }

  /** The driver has rolled back to a savepoint by itself. */
  rolledBackToSavepoint(): void {
    this.#session.completed('ROLLBACK', { text: undefined, sent: '' })
    this.setStatus('T')
  }

  /** What can be told of a text without parsing it. */
  facts(text: string): StatementFacts {
    return this.#session.facts(text)
  }

  /** True for a text that can be sent as it is, and leaves the session as it is. */
  passes(text: string): boolean {
    const known = this.#session.look(text)
    return known?.facts.rowsOnly === true && passes(known)
  }

  /**
   * @throws EC_REFUSED, EC_CATALOG, EC_VOLATILE_FUNCTION, EC_PARSER: then it was not sent; and what `send` does, with the
   * names that the application knows.
   */
  async run<T>({ text, scope, ask, send, retryable }: StatementRun<T>): Promise<T> {
    if (this.#engine.loading !== undefined) await this.#engine.loading
    const inFlight = new InFlightStatement({ text, scope }, this.#session, this.#onPlan)
    if (this.#sole) inFlight.sendOnce()
    for (;;) {
      const wire = await this.#planned(inFlight, ask)
      const { timer } = this.#engine
      const sentAt = retryable ? timer.now() : undefined
      let answer: T
      try {
        answer = await send(wire)
        timer.answered(inFlight.sent, sentAt)
        this.#answered(inFlight, wire, 'done')
      } catch (error) {
        this.#answered(inFlight, wire, isDatabaseError(error) ? 'failed' : 'unknown')
        const forUser = inFlight.failed(error, retryable && this.facts(text).rowsOnly)
        if (forUser !== undefined) throw forUser
        continue
      }
      if (inFlight.behind !== undefined) await this.#ask(inFlight.behind, ask)
      return answer
    }
  }

  async #planned(inFlight: InFlightStatement, ask: StatementRun<unknown>['ask']): Promise<string> {
    for (;;) {
      const state = nextStep(inFlight, this.#engine)
      if (state.kind === 'failed') {
        // Where a savepoint was to be set ahead of it, the transaction has failed with that.
        if (inFlight.mustBeAlone) this.untouchedFailed(state.error)
        throw state.error
      }
      if (state.kind === 'ready') return state.plan?.text ?? inFlight.statement.text
      try {
        inFlight.answered({ result: await this.#ask(state.query, ask) })
      } catch (error) {
        inFlight.answered({ error })
      }
    }
  }

  /** Nothing but ROLLBACK TO, which goes ahead of an upsert that is sent again, succeeds in a transaction that has failed. */
  async #ask(query: OwnQuery, ask: StatementRun<unknown>['ask']): Promise<OwnQueryResult> {
    const result = await ask(query)
    if (this.status === 'E') this.setStatus('T')
    return result
  }

  /** A statement that was sent by the driver itself, because it passes, has failed. */
  untouchedFailed(error: unknown): void {
    if (this.status === 'T' && isDatabaseError(error)) this.setStatus('E')
  }

  #answered({ touches, statement }: InFlightStatement, sent: string, outcome: Outcome): void {
    const session = this.#session
    const known = this.facts(statement.text)
    const { rowsOnly } = known
    if (rowsOnly && !(outcome === 'failed' && session.transaction.status === 'T')) return
    const facts = sent === statement.text ? known : new StatementFacts(sent)
    if (!rowsOnly && (outcome !== 'failed' || facts.statements.length > 1))
      for (const { words, text } of facts.statements) {
        const tag = tagOf(words)
        const whole = tag === 'PREPARE' || tag === 'DEALLOCATE' ? sent : text
        session.completed(tag, { text: touches ? statement.text : undefined, sent: whole })
      }
    session.ready(this.#followsTransactions ? statusAfter(session.transaction.status, facts, outcome) : 'I', ALONE)
  }
}

/**
 * `unknown`: what failed is the driver, which could not send a value, read an answer or reach the database. The transaction
 * goes on then; to take it for failed would be to send what follows as it is, since PostgreSQL would refuse it.
 */
type Outcome = 'done' | 'failed' | 'unknown'

/** The server's tag as far as a session is concerned: drivers that can only be wrapped do not hand out all of them. */
function tagOf(words: readonly string[]): string {
  const [first = '', second = ''] = words.slice(0, 2).map((word) => keyWord(word).toUpperCase())
  if (first === 'PREPARE' && second === 'TRANSACTION') return 'PREPARE TRANSACTION'
  if (first === 'DISCARD' && second === 'ALL') return 'DISCARD ALL'
  return SYNONYMS[first] ?? first
}

const SYNONYMS: Readonly<Record<string, string>> = { END: 'COMMIT', ABORT: 'ROLLBACK' }

function statusAfter(before: TransactionStatus, sent: StatementFacts, outcome: Outcome): TransactionStatus {
  const { effect } = sent
  if (outcome === 'failed') {
    // A COMMIT that fails ends its transaction all the same.
    if (effect === 'closes' && sent.statements.length === 1) return 'I'
    return before !== 'I' || effect === 'opens' ? 'E' : 'I'
  }
  if (effect === 'closes') return 'I'
  if (effect === 'opens' || effect === 'chains') return 'T'
  // Nothing but ROLLBACK TO succeeds in a transaction that has failed.
  return before === 'E' && outcome === 'done' ? 'T' : before
}
