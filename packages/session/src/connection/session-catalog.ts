import { types } from 'node:util'
import { type CatalogPhases, ExpandContractError, type Observer } from '@expand-contract/core'
import type { RelationName, Rewriter } from '@expand-contract/sql'
import { PATH_QUERY } from '../catalog/catalog-query.ts'
import type { CatalogSnapshot } from '../catalog/catalog-snapshot.ts'
import type { CatalogStore } from '../catalog/catalog-store.ts'
import type { SessionErrorCode } from '../error-catalogue.ts'
import type { Asking } from '../own-query/own-query.ts'
import { canGoOn, isCancelled, unhurried } from '../own-query/unhurried.ts'
import type { KnownText } from '../text/known-texts.ts'
import { StatementFacts } from '../text/statement-facts.ts'
import type { TransactionStatus, TransactionTracker } from './transaction-tracker.ts'

/** How often relations that a statement needs are loaded before it is planned with what there is. */
const MAX_LOADS = 4

export interface SessionCatalogParts {
  /** What another session on the same search path knows. */
  readonly known: CatalogSnapshot | undefined
  readonly store: CatalogStore
  readonly observer: Observer
  /** Must not be called before the parser is there. */
  readonly rewriter: () => Rewriter
  readonly transaction: Pick<TransactionTracker, 'status' | 'begunAt'>
}

/** The catalog as one session sees it: by its search path, its own uncommitted DDL, and its isolation level. */
export class SessionCatalog {
  readonly #parts: SessionCatalogParts
  /** undefined when the search path is not known. */
  #snapshot: CatalogSnapshot | undefined
  /** What the open transaction sees of the catalog is its own. */
  #ownCatalog = false
  /** The open transaction has changed the catalog. */
  #ddlPending = false
  /** The open transaction reads the catalog as it was when it began. */
  #fixedSnapshot = false
  #pathChangedInTransaction = false
  /** The open transaction was asked whether it reads the catalog as it was. */
  #asked = false
  /** As the open transaction reads them, where that is what they were when it began. */
  #fixedPhases: CatalogPhases | undefined

  constructor(parts: SessionCatalogParts) {
    this.#parts = parts
    this.#snapshot = parts.known
  }

  /** What is known and is not of this session alone. */
  get shared(): CatalogSnapshot | undefined {
    return this.changedInTransaction ? undefined : this.#snapshot
  }

  /** The end of the open transaction will change the path, or the catalog, again. */
  get changedInTransaction(): boolean {
    return this.#pathChangedInTransaction || this.#ownCatalog
  }

  /** What is known is that of the open transaction, and not what is known after it. */
  get ofTransaction(): boolean {
    return this.changedInTransaction || this.#fixedSnapshot
  }

  /** What is known of the phases, where they are read with the catalog. */
  get phases(): CatalogPhases | undefined {
    return this.#fixedPhases ?? this.#snapshot?.phases
  }

  /**
   * Phases that were read since the open transaction began may rely on what it does not see, if it reads all as it was: a column
   * that has been filled since. So it is asked, once, for those that it sees.
   */
  #phasesMayBeAhead({ phasesSince }: CatalogSnapshot): boolean {
    const { status, begunAt } = this.#parts.transaction
    return phasesSince >= begunAt && phasesSince > 0 && status === 'T' && !this.#asked
  }

  /** What is known of a text, when it may be used without asking the database. */
  known(text: string): KnownText | undefined {
    const snapshot = this.#snapshot
    if (snapshot === undefined) return undefined
    const now = Date.now()
    if (snapshot.isFresh(now)) {
      const known = snapshot.texts.get(text)
      return known.planner === undefined || !this.#phasesMayBeAhead(snapshot) ? known : undefined
    }
    if (this.#parts.transaction.status === 'I') return undefined
    const known = snapshot.texts.get(text)
    if (known.planner === undefined) return known
    return this.#lasts(snapshot, now) && !this.#phasesMayBeAhead(snapshot) ? known : undefined
  }

  /** In a transaction, which is not made to wait before it must. */
  #lasts({ loadedAt }: CatalogSnapshot, now: number): boolean {
    return this.#fixedSnapshot || (now >= loadedAt && now - loadedAt <= this.#parts.store.leaseMs)
  }

  /**
   * A text under a catalog that has every relation it names; undefined when it needs none. `stale` says that the database
   * has just contradicted what is known.
   * @throws EC_CATALOG
   */
  *forText(text: string, stale: boolean): Asking<KnownText | undefined> {
    const { store, transaction } = this.#parts
    if (transaction.status === 'E') return this.#inFailedTransaction(text)
    if (this.#snapshot === undefined) {
      if (new StatementFacts(text).control) return undefined
      if (store.started && !this.#ownCatalog) {
        const { rows } = yield { text: PATH_QUERY, values: [] }
        this.#snapshot = store.get(rows[0]?.path ?? '')
      }
    }
    if (this.#snapshot === undefined || stale || this.#isDue(this.#snapshot, text)) yield* this.#load([], text)
    let known = this.#snapshot?.texts.get(text)
    for (let load = 0; load < MAX_LOADS; load++) {
      if (known === undefined || known.missing.length === 0) break
      yield* this.#load(known.missing, text)
      known = this.#snapshot?.texts.get(text)
    }
    return known
  }

  /**
   * Nothing can be asked in a failed transaction, and PostgreSQL refuses whatever is sent, unless the text ends the
   * transaction first and goes on: `ROLLBACK; INSERT ...`.
   */
  #inFailedTransaction(text: string): KnownText | undefined {
    if (!new StatementFacts(text).endsFirst) return undefined
    if (this.#snapshot === undefined && this.#parts.rewriter().mayTouch(text, undefined))
      throw catalogError(new Error('the transaction has failed, so nothing can be asked'))
    return this.#snapshot?.texts.get(text)
  }

  #isDue(snapshot: CatalogSnapshot, text: string): boolean {
    const { transaction, rewriter } = this.#parts
    const now = Date.now()
    const ahead = this.#phasesMayBeAhead(snapshot)
    if (snapshot.isFresh(now) && !ahead) return false
    if (transaction.status === 'I') return true
    const overdue = ahead || !this.#lasts(snapshot, now)
    if (!overdue || !rewriter().mayTouch(text, snapshot.catalog)) return false
    const { control, mustComeFirst } = new StatementFacts(text)
    return !control && !mustComeFirst
  }

  *#load(missing: readonly RelationName[], text: string): Asking<void> {
    const { store, observer, transaction, rewriter } = this.#parts
    const inTransaction = transaction.status !== 'I'
    const known = this.#snapshot
    const begunAt = inTransaction ? transaction.begunAt : undefined
    const request = { known, missing, ownCatalog: this.#ownCatalog, begunAt }
    try {
      const { snapshot, fixedSnapshot, phases } = yield* twice(() => unhurried(store.load(request), inTransaction))
      this.#snapshot = snapshot
      this.#asked = inTransaction
      if (fixedSnapshot) this.#fixedPhases = phases
      this.#fixedSnapshot ||= fixedSnapshot
      this.#ownCatalog ||= fixedSnapshot && snapshot !== known
    } catch (cause) {
      // The statement is what was meant.
      if (isCancelled(cause)) throw cause
      const fresh = known !== undefined && Date.now() - known.loadedAt <= store.leaseMs
      const usable = !inTransaction && missing.length === 0 && (fresh || !rewriter().mayTouch(text, known?.catalog))
      if (!usable) throw ExpandContractError.isInstance(cause) ? cause : catalogError(cause)
      observer.onWarning?.({ code: 'catalog-refresh', message: 'The catalog could not be read again.', cause })
    }
  }

  /** Reads it before there is a statement that needs it. What goes wrong, the first statement is told. */
  *readOnConnect(): Asking<void> {
    const { store, transaction } = this.#parts
    if (this.#snapshot !== undefined || transaction.status !== 'I') return
    try {
      if (store.started) {
        const { rows } = yield { text: PATH_QUERY, values: [] }
        this.#snapshot = store.get(rows[0]?.path ?? '')
      }
      if (this.#snapshot !== undefined) return
      const request = { known: undefined, missing: [], ownCatalog: false, begunAt: undefined }
      const { snapshot } = yield* unhurried(store.load(request), false)
      this.#snapshot = snapshot
    } catch {}
  }

  /** The database has contradicted it. */
  contradicted(): void {
    this.#snapshot?.expired()
  }

  /** The session has changed its search path, or the catalog itself; `status` is that after the change. */
  changed(what: { readonly catalog: boolean; readonly committed: boolean }, status: TransactionStatus): void {
    this.#forget()
    if (status !== 'I') {
      this.#pathChangedInTransaction = true
      this.#ownCatalog ||= what.catalog
      this.#ddlPending ||= what.catalog
    }
    if (what.catalog && (status === 'I' || what.committed)) this.#parts.store.expireAll()
  }

  /** ROLLBACK TO has undone a part of the open transaction, or ROLLBACK all of it before it began again. */
  undone(): void {
    if (this.ofTransaction) this.#forget()
    this.#fixedSnapshot = false
    this.#isAskedAnew()
  }

  #isAskedAnew(): void {
    this.#asked = false
    this.#fixedPhases = undefined
  }

  /** SET LOCAL and ROLLBACK undo what a transaction did to the path, and COMMIT shows its DDL to everybody. */
  transactionEnded(): void {
    if (this.#ddlPending) this.#parts.store.expireAll()
    if (this.ofTransaction) this.#forget()
    this.#ddlPending = false
    this.#ownCatalog = false
    this.#fixedSnapshot = false
    this.#pathChangedInTransaction = false
    this.#isAskedAnew()
  }

  /** A path with temporary tables is this session's own, and DISCARD drops those without changing the path. */
  #forget(): void {
    if (this.#snapshot?.path.includes('"pg_temp_') === true) this.#snapshot.expired()
    this.#snapshot = undefined
  }
}

/** A catalog function fails when a relation is dropped under it; once more is enough to see it gone. */
function* twice<T>(work: () => Asking<T>): Asking<T> {
  try {
    return yield* work()
  } catch (error) {
    if (!canGoOn(error)) throw error
    return yield* work()
  }
}

function catalogError(cause: unknown): ExpandContractError {
  const code: SessionErrorCode = 'EC_CATALOG'
  const why = types.isNativeError(cause) ? cause.message : String(cause)
  return new ExpandContractError(code, {
    message: `The statement was not sent, because the columns of the migrating tables could not be read: ${why}.`,
    hint: 'See `cause`. Try again once the database answers; a transaction that was open has to be rolled back first.',
    cause,
  })
}
