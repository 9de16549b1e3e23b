import { DECISIONS, ExpandContractError, quoteIdentifier, type Scope } from '@expand-contract/core'
import type { Catalog, RelationName, Rewriter, SessionFacts } from '@expand-contract/sql'
import type { Ahead } from './ahead-query.ts'
import { PATH_QUERY } from './catalog-query.ts'
import type { CatalogSnapshot } from './catalog-snapshot.ts'
import type { CatalogStore } from './catalog-store.ts'
import type { PgErrorCode } from './error-catalogue.ts'
import { type SentStatement, withUserNames } from './error-names.ts'
import { type PreparedStatement, PreparedStatements } from './prepared-statements.ts'
import { SessionChanges } from './session-changes.ts'
import { type TransactionStatus, TransactionTracker } from './transaction-tracker.ts'
import { isControl, mayChangeCatalog, mayChangePath, mustComeFirst } from './transaction-words.ts'
import type { Waist } from './waist.ts'

/** A statement to be planned. `scope` is the request it was sent in. */
export interface StatementToPlan {
  readonly text: string
  readonly scope: Scope | undefined
}

export interface CompletedText {
  /** The application's text, where it was planned. */
  readonly text: string | undefined
  readonly sent: string
}

/** How often relations that a statement needs are loaded before it is planned with what there is. */
const MAX_LOADS = 4

/**
 * What one connection knows of its own session: which transaction it is in, which catalog its search path sees, and
 * what may have changed that.
 */
export class Session implements SessionFacts {
  readonly transaction = new TransactionTracker()
  /** As the server reported the setting of this name. */
  standardConformingStrings = true
  readonly #waist: Waist
  readonly #store: CatalogStore
  readonly #changes = new SessionChanges()
  readonly #prepared = new PreparedStatements()
  /** The catalog of the session's search path; undefined when the path is not known. */
  #snapshot: CatalogSnapshot | undefined
  /** The open transaction has changed the catalog, so what it sees is its own. */
  #isolated = false
  /** The open transaction reads the catalog as it was when it began. */
  #frozen = false
  #pathChangedInTransaction = false
  /** In a pipeline: something was sent that may change the path or the catalog, and is not answered. */
  #unsure = false

  constructor(waist: Waist, database: string) {
    this.#waist = waist
    this.#store = waist.store(database)
  }

  get #rewriter(): Rewriter {
    const { rewriter } = this.#waist
    if (rewriter === undefined) throw new RangeError('a statement was planned before the parser was there')
    return rewriter
  }

  /** The one check that every statement pays: true when it can be sent as it is. */
  mayPass(text: string): boolean {
    const snapshot = this.#snapshot
    if (snapshot === undefined || !snapshot.isFresh(Date.now())) return false
    if (this.#waist.rewriter?.mayTouch(text, snapshot.catalog) !== false) return false
    return this.#prepared.executedIn(text).length === 0
  }

  /** False when planning would need an answer of the database first. */
  canPlan({ text }: StatementToPlan): boolean {
    const snapshot = this.#snapshot
    if (this.#unsure || this.#prepared.executedIn(text).length > 0) return false
    if (snapshot === undefined) return isControl(text)
    if (this.#isDue(snapshot, text)) return false
    const rewriter = this.#rewriter
    return !rewriter.mayTouch(text, snapshot.catalog) || rewriter.missing(text, snapshot.catalog).length === 0
  }

  /**
   * The plan of a statement, or undefined when it touches no migrating table. `stale` says that the database has just
   * contradicted the catalog.
   * @throws EC_CATALOG
   */
  *plan(statement: StatementToPlan, stale: boolean): Ahead<SentStatement | undefined> {
    const snapshot = yield* this.#snapshotFor(statement.text, stale)
    const catalog = snapshot?.catalog
    if (catalog !== undefined && this.#rewriter.mayTouch(statement.text, catalog))
      return this.#planTouched(catalog, statement)
    let planned: SentStatement | undefined
    if (this.transaction.status !== 'E')
      for (const prepared of this.#prepared.executedIn(statement.text))
        planned = yield* this.#prepareAgain(prepared, statement, stale)
    if (planned === undefined) this.transaction.begin()
    return planned
  }

  /** What EXECUTE runs is prepared again first, when the flag or the columns ask for another text. */
  *#prepareAgain(
    prepared: PreparedStatement,
    { text, scope }: StatementToPlan,
    stale: boolean,
  ): Ahead<SentStatement | undefined> {
    const snapshot = yield* this.#snapshotFor(prepared.text, stale)
    if (snapshot === undefined) return undefined
    const planned = this.#planTouched(snapshot.catalog, { text: prepared.text, scope })
    const { plan, catalog } = planned
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
      text,
      plan: { ...plan, text, command: 'EXECUTE', mapPosition: (position) => position },
      catalog,
      wire: sent,
    }
  }

  /** As `plan` when nothing has to be asked for, which is nearly always; null when something has. */
  planAtOnce(statement: StatementToPlan): SentStatement | undefined | null {
    const snapshot = this.#snapshot
    if (snapshot === undefined || !snapshot.isFresh(Date.now()) || this.transaction.status === 'E') return null
    const { catalog } = snapshot
    const rewriter = this.#rewriter
    if (this.#prepared.executedIn(statement.text).length > 0) return null
    if (!rewriter.mayTouch(statement.text, catalog)) {
      this.transaction.begin()
      return undefined
    }
    return rewriter.missing(statement.text, catalog).length === 0 ? this.#planTouched(catalog, statement) : null
  }

  #planTouched(catalog: Catalog, { text, scope }: StatementToPlan): SentStatement {
    const { runtime } = this.#waist
    this.transaction.begin()
    const transaction = this.transaction.pins()
    const plan = this.#rewriter.plan(
      text,
      catalog,
      ({ migration, physical }) =>
        physical === 'incomplete' ? DECISIONS.oldOnly : runtime.decide({ migration, physical, scope, transaction }),
      this,
    )
    return { text, plan, catalog, wire: plan.text }
  }

  *#snapshotFor(text: string, stale: boolean): Ahead<CatalogSnapshot | undefined> {
    const store = this.#store
    const rewriter = this.#rewriter
    if (this.transaction.status === 'E') return text.includes(';') ? this.#snapshot : undefined
    if (this.#snapshot === undefined) {
      if (isControl(text)) return undefined
      if (store.started && !this.#isolated) {
        const { rows } = yield { text: PATH_QUERY, values: [] }
        this.#snapshot = store.get(rows[0]?.path ?? '')
      }
    }
    if (this.#snapshot === undefined || stale || this.#isDue(this.#snapshot, text)) yield* this.#load([], text)
    for (let load = 0; load < MAX_LOADS; load++) {
      const snapshot: CatalogSnapshot | undefined = this.#snapshot
      if (snapshot === undefined || !rewriter.mayTouch(text, snapshot.catalog)) break
      const missing = rewriter.missing(text, snapshot.catalog)
      if (missing.length === 0) break
      yield* this.#load(missing, text)
    }
    return this.#snapshot
  }

  #isDue(snapshot: CatalogSnapshot, text: string): boolean {
    const now = Date.now()
    if (snapshot.isFresh(now)) return false
    if (this.transaction.status === 'I') return true
    const overdue = !this.#frozen && now - snapshot.loadedAt > this.#store.leaseMs
    return overdue && this.#rewriter.mayTouch(text, snapshot.catalog) && !isControl(text) && !mustComeFirst(text)
  }

  *#load(missing: readonly RelationName[], text: string): Ahead<void> {
    const store = this.#store
    const { runtime } = this.#waist
    const inTransaction = this.transaction.status !== 'I'
    const known = this.#snapshot
    const request = { known, missing, isolated: this.#isolated, inTransaction }
    try {
      const { snapshot, frozen } = yield* inTransaction ? store.load(request) : twice(() => store.load(request))
      this.#snapshot = snapshot
      this.#frozen ||= frozen
      this.#isolated ||= frozen && snapshot !== known
    } catch (cause) {
      const fresh = known !== undefined && Date.now() - known.loadedAt <= store.leaseMs
      const usable = !inTransaction && missing.length === 0 && (fresh || !this.#rewriter.mayTouch(text, known?.catalog))
      if (!usable) throw catalogError(cause)
      runtime.observer.onWarning?.({ code: 'catalog-refresh', message: 'The catalog could not be read again.', cause })
    }
  }

  /** In a pipeline: this text was sent. */
  sent(text: string): void {
    this.transaction.sent(text)
    if (mayChangePath(text) || mayChangeCatalog(text)) this.#unsure = true
  }

  /** The database has contradicted the catalog, in a transaction that is lost by it. */
  contradicted(): void {
    this.#snapshot?.expired()
  }

  /** The database has completed one statement of `sent`, which was `text` before it was planned. */
  completed(tag: string, { text, sent }: CompletedText): void {
    this.transaction.tag(tag, sent)
    this.#changes.completed(tag, sent)
    if (tag === 'PREPARE') {
      if (text !== undefined) this.#prepared.confirm(text, sent)
    } else if (tag === 'DEALLOCATE') this.#prepared.deallocated(sent)
    else if (tag === 'DEALLOCATE ALL' || tag === 'DISCARD ALL') this.#prepared.clear()
  }

  /** The server has reported that the setting `search_path` is another (since PostgreSQL 18). */
  pathReported(): void {
    this.#changes.path = true
  }

  /** The database has answered one call; `alone` unless a pipeline has more under way. */
  ready(status: TransactionStatus, alone: boolean): void {
    this.transaction.ready(status, alone)
    this.#prepared.answered()
    if (this.#changes.catalog || this.#changes.path) this.#changed(status)
    if (status === 'I' && alone) this.#ended()
    if (alone) this.#unsure = false
  }

  #changed(status: TransactionStatus): void {
    const { catalog } = this.#changes
    this.#snapshot = undefined
    if (status !== 'I') {
      this.#pathChangedInTransaction = true
      this.#isolated ||= catalog
    } else if (catalog) this.#store.expireAll()
    this.#changes.seen()
  }

  /** SET LOCAL and ROLLBACK undo what a transaction did to the path, and COMMIT shows its DDL to everybody. */
  #ended(): void {
    if (this.#isolated && !this.#frozen) this.#store.expireAll()
    if (this.#isolated || this.#pathChangedInTransaction) this.#snapshot = undefined
    this.#isolated = false
    this.#frozen = false
    this.#pathChangedInTransaction = false
  }
}

/** A catalog function fails when a relation is dropped under it; once more is enough to see it gone. */
function* twice<T>(work: () => Ahead<T>): Ahead<T> {
  try {
    return yield* work()
  } catch {
    return yield* work()
  }
}

function catalogError(cause: unknown): ExpandContractError {
  const code: PgErrorCode = 'EC_CATALOG'
  const why = cause instanceof Error ? cause.message : String(cause)
  return new ExpandContractError(code, {
    message: `The statement was not sent, because the columns of the migrating tables could not be read: ${why}.`,
    hint: 'See `cause`. Try again once the database answers; a transaction that was open has to be rolled back first.',
    cause,
  })
}
