import { DECISIONS, quoteIdentifier, type RequestScope } from '@expand-contract/core'
import type { Rewriter, SessionFacts, TextPlanner } from '@expand-contract/sql'
import { refusedForNeverHad } from '../catalog/never-had-column.ts'
import type { Engine } from '../engine/engine.ts'
import { type SentStatement, withUserNames } from '../error/error-names.ts'
import type { Asking } from '../own-query/own-query.ts'
import type { KnownText } from '../text/known-texts.ts'
import { StatementFacts } from '../text/statement-facts.ts'
import { type PreparedStatement, PreparedStatements } from './prepared-statements.ts'
import { SessionCatalog } from './session-catalog.ts'
import { SessionChanges } from './session-changes.ts'
import { type TransactionStatus, TransactionTracker } from './transaction-tracker.ts'

/** A statement to be planned. `scope` is the request it was sent in. */
export interface StatementToPlan {
  readonly text: string
  readonly scope: RequestScope | undefined
}

/** What becomes of a statement: `touches-nothing` is sent as it is, since it names no migrating table. */
export type Planned = SentStatement | { readonly kind: 'touches-nothing' }

/** The same before anything is asked: `ask-first` says that the database has to be. */
export type PlannedNow = Planned | { readonly kind: 'ask-first' }

const TOUCHES_NOTHING = { kind: 'touches-nothing' } as const
const ASK_FIRST = { kind: 'ask-first' } as const

export interface CompletedText {
  /** The application's text, where it was planned. */
  readonly text: string | undefined
  readonly sent: string
}

/** True for a text that touches no migrating table. */
export const passes = (known: KnownText | undefined): boolean => known !== undefined && known.planner === undefined

/** One connection: the transaction it is in, the catalog it sees, what it has prepared, and the plans of its statements. */
export class Session implements SessionFacts {
  readonly transaction = new TransactionTracker()
  /** As the server reported the setting of this name. */
  standardConformingStrings = true
  readonly #engine: Engine
  readonly #catalog: SessionCatalog
  readonly #changes = new SessionChanges()
  readonly #prepared = new PreparedStatements()
  #sentFacts: StatementFacts | undefined
  /** A statement is under way whose answer may tell something new of the session. */
  sessionMayChange = false
  /** In a pipeline: something was sent that may change the path or the catalog, and is not answered. */
  #awaitsSessionChange = false

  /** `like`: a session that has the same search path, and may know the catalog already. */
  constructor(engine: Engine, database: string, like?: Session) {
    this.#engine = engine
    this.#catalog = new SessionCatalog({
      known: like === undefined ? undefined : like.#catalog.shared,
      store: engine.store(database),
      observer: engine.runtime.observer,
      rewriter: () => this.#rewriter,
      transaction: this.transaction,
    })
  }

  get #rewriter(): Rewriter {
    return this.#engine.rewriter
  }

  /**
   * What is known of a text as it is handed over, which every statement pays for; undefined when its turn has to be waited for.
   * What `passes` then can be sent as it is, whatever is under way. `sessionMayChange` is set for whatever may change it.
   */
  look(text: string): KnownText | undefined {
    const known = this.#catalog.known(text)
    if (known?.facts.rowsOnly === true) return known
    this.sessionMayChange = true
    return known === undefined || this.#prepared.executedIn(known.facts).length > 0 ? undefined : known
  }

  /**
   * The plan of a statement whose turn it is, where nothing has to be asked for, which is nearly always. `known`: what was found
   * when it was looked at just now.
   */
  planNow({ text, scope }: StatementToPlan, known = this.#catalog.known(text)): PlannedNow {
    // A failed transaction may be at its end.
    if (known === undefined || this.transaction.status === 'E' || this.#awaitsSessionChange) return ASK_FIRST
    if (known.missing.length > 0) return ASK_FIRST
    if (this.#prepared.executedIn(known.facts).length > 0) return ASK_FIRST
    if (known.planner !== undefined) return this.#planTouched(known, known.planner, scope)
    this.transaction.begin()
    return TOUCHES_NOTHING
  }

  /**
   * The plan of a statement whose turn it is, with what the database has to be asked for it. `stale` says that it has just
   * contradicted the catalog.
   * @throws EC_CATALOG
   */
  *plan(statement: StatementToPlan, stale: boolean): Asking<Planned> {
    const known = yield* this.#catalog.forText(statement.text, stale)
    if (known?.planner !== undefined) return this.#planTouched(known, known.planner, statement.scope)
    let planned: Planned = TOUCHES_NOTHING
    if (this.transaction.status !== 'E')
      for (const prepared of this.#prepared.executedIn(this.facts(statement.text)))
        planned = yield* this.#prepareAgain(prepared, statement, stale)
    if (planned.kind === 'touches-nothing') this.transaction.begin()
    return planned
  }

  #planTouched(
    { text, catalog, facts: { rowsOnly } }: KnownText,
    planner: TextPlanner,
    scope: RequestScope | undefined,
  ): SentStatement {
    this.transaction.begin()
    const { runtime } = this.#engine
    const { phases } = this.#catalog
    // One statement outside of a transaction asks once for each migration.
    const transaction = rowsOnly && !this.transaction.open ? undefined : this.transaction.pins()
    const plan = planner.plan(
      ({ migration, physical }) =>
        physical === 'incomplete'
          ? DECISIONS.oldOnly
          : runtime.decide({ migration, physical, scope, transaction, phases }),
      this,
    )
    const { brokenMappings } = this.#engine
    if (brokenMappings.size > 0)
      for (const { migration, physical } of plan.touches) {
        const error = brokenMappings.get(migration.id)
        if (error !== undefined && physical !== 'old') throw error
      }
    const doubtful = refusedForNeverHad(text, plan, this.#engine, phases)
    if (doubtful !== undefined) return { kind: 'planned', text, plan: doubtful, catalog, wire: text }
    return { kind: 'planned', text, plan, catalog, pins: transaction, phases, wire: plan.text }
  }

  /** What EXECUTE runs is prepared again first, when the flag or the columns ask for another text. */
  *#prepareAgain(prepared: PreparedStatement, { text, scope }: StatementToPlan, stale: boolean): Asking<Planned> {
    const known = yield* this.#catalog.forText(prepared.text, stale)
    if (known?.planner === undefined) return TOUCHES_NOTHING
    const { catalog } = known
    const planned = this.#planTouched(known, known.planner, scope)
    const { plan } = planned
    const sent = plan.text
    if (plan.outcome !== 'refused' && sent !== prepared.sent) {
      const drop = prepared.sent === undefined ? '' : `DEALLOCATE ${quoteIdentifier(prepared.name)};`
      try {
        yield { text: `${drop}${sent}`, values: [] }
      } catch (error) {
        // DEALLOCATE is not undone when PREPARE fails, so the server has neither.
        this.#prepared.lost(prepared)
        throw error instanceof Error ? withUserNames(error, planned) : error
      }
      this.#prepared.preparedAgain(prepared, sent)
    }
    return {
      kind: 'planned',
      text,
      plan: { ...plan, text, command: 'EXECUTE', mapPosition: (position) => position },
      catalog,
      pins: planned.pins,
      wire: sent,
    }
  }

  /** The end of the open transaction changes the search path, or the catalog, again. */
  get pathChangedInTransaction(): boolean {
    return this.#catalog.changedInTransaction
  }

  /** What can be told of a text of the application without parsing it. */
  facts(text: string): StatementFacts {
    return this.#catalog.known(text)?.facts ?? new StatementFacts(text)
  }

  /** The same of what was sent, which may have many statements and is told of once for each. */
  #factsOfSent(text: string): StatementFacts {
    if (this.#sentFacts?.text !== text) this.#sentFacts = new StatementFacts(text)
    return this.#sentFacts
  }

  /** What a new connection can be told of the catalog before its first statement. */
  readOnConnect(): Asking<void> {
    return this.#catalog.readOnConnect()
  }

  /** In a pipeline: this text was sent. */
  sent(text: string): void {
    const facts = this.facts(text)
    if (facts.rowsOnly) return
    this.transaction.sent(facts)
    if (this.#catalog.ofTransaction || facts.mayChangePath || facts.mayChangeCatalog) this.#awaitsSessionChange = true
  }

  /** The database has contradicted the catalog, and the statement cannot be sent again. */
  contradicted(): void {
    this.#catalog.contradicted()
  }

  /** The database has completed one statement of `sent`, which was `text` before it was planned. */
  completed(tag: string, { text, sent }: CompletedText): void {
    const facts = this.#factsOfSent(sent)
    this.transaction.tag(tag, facts)
    this.#changes.completed(tag, facts)
    if (tag === 'PREPARE') {
      if (text !== undefined) this.#prepared.confirm(text, sent)
    } else if (tag === 'DEALLOCATE') this.#prepared.deallocated(facts)
    else if (tag === 'DEALLOCATE ALL' || tag === 'DISCARD ALL') this.#prepared.clear()
  }

  /** The server has reported that the setting `search_path` is another (since PostgreSQL 18). */
  pathReported(): void {
    this.#changes.path = true
    this.sessionMayChange = true
  }

  /**
   * The database has answered one call; `alone` unless a pipeline has more under way, `idle` when nothing waits to be
   * sent either.
   */
  ready(status: TransactionStatus, { alone, idle }: { readonly alone: boolean; readonly idle: boolean }): void {
    this.transaction.ready(status, alone)
    this.#prepared.answered()
    const { catalog, path, committed, undone } = this.#changes
    // A transaction is open behind it: AND CHAIN, ROLLBACK TO, or a text that begins one.
    if (committed && status !== 'I') this.#catalog.transactionEnded()
    if (undone && status !== 'I') this.#catalog.undone()
    if (catalog || path) this.#catalog.changed(this.#changes, status)
    this.#changes.seen()
    this.#sentFacts = undefined
    if (status === 'I' && alone) this.#catalog.transactionEnded()
    if (alone) this.#awaitsSessionChange = false
    if (idle) this.sessionMayChange = false
  }
}
