import { ExpandContractError, type Observer, type Runtime } from '@expand-contract/core'
import { createRewriter, loadParser, mappingErrors, type Rewriter } from '@expand-contract/sql'
import { CatalogStore } from '../catalog/catalog-store.ts'
import { OldColumnsSeen } from '../catalog/old-columns-seen.ts'
import type { SessionErrorCode } from '../error-catalogue.ts'
import { StatementTimer } from './statement-timer.ts'

export interface EngineOptions {
  readonly catalogRefreshMs: number
}

/** What all clients of one runtime share. */
export class Engine {
  readonly runtime: Runtime
  readonly oldColumns = new OldColumnsSeen()
  readonly timer: StatementTimer
  readonly #stores = new Map<string, CatalogStore>()
  readonly #reading = new Map<string, Promise<unknown>>()
  readonly #leaseMs: number
  #rewriter: Rewriter | undefined
  #brokenMappings: ReadonlyMap<string, ExpandContractError> = new Map()
  #loading: Promise<void> | undefined
  #failure: Error | undefined

  constructor(runtime: Runtime, options: EngineOptions) {
    this.runtime = runtime
    this.timer = new StatementTimer(runtime)
    this.#leaseMs = options.catalogRefreshMs
    this.#loading = this.#load()
    runtime.catalogReaders.push({
      leaseMs: options.catalogRefreshMs,
      known: () => [...this.#stores.values()].flatMap((store) => store.known()),
    })
  }

  /** The catalogs of one database. A runtime may serve several: replicas, or a database per tenant. */
  store(database: string): CatalogStore {
    const known = this.#stores.get(database)
    if (known !== undefined) return known
    const { migrations, observer, phaseOf, phasesInCatalog } = this.runtime
    const rewriter = () => this.rewriter
    const store = new CatalogStore({
      migrations,
      rewriter,
      leaseMs: this.#leaseMs,
      observer,
      phaseOf,
      phasesInCatalog,
      oldColumns: this.oldColumns,
      brokenMappings: this.#brokenMappings,
    })
    this.#stores.set(database, store)
    return store
  }

  /** A store of its own, to look at a database apart from statements: it tells everything, and refuses nothing. */
  storeApart(observer: Observer): CatalogStore {
    const { migrations, phaseOf, phasesInCatalog } = this.runtime
    return new CatalogStore({
      migrations,
      rewriter: () => this.rewriter,
      leaseMs: 0,
      observer,
      phaseOf,
      phasesInCatalog,
      oldColumns: new OldColumnsSeen(),
      brokenMappings: this.#brokenMappings,
      lenient: true,
    })
  }

  /** Runs what reads the catalog of a database when what does so already is done: it finds it known then. `read` must not reject. */
  async oneAtATime<T>(database: string, read: () => Promise<T>): Promise<T> {
    while (this.#reading.has(database)) await this.#reading.get(database)
    const reading = read()
    if (!this.store(database).started) this.#reading.set(database, reading)
    const answer = await reading
    this.#reading.delete(database)
    return answer
  }

  /** Set until the parser is there, or has failed. It never rejects. */
  get loading(): Promise<void> | undefined {
    return this.#loading
  }

  /** Why no statement on a migrating table can be sent. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Why no statement on the table of a migration can be sent, once it has begun: a mapping that PostgreSQL's grammar does not accept. */
  get brokenMappings(): ReadonlyMap<string, ExpandContractError> {
    return this.#brokenMappings
  }

  /** Must not be asked for before the parser is there: until then no statement is planned, and no catalog is read. */
  get rewriter(): Rewriter {
    if (this.#rewriter === undefined) throw new RangeError('a statement was planned before the parser was there')
    return this.#rewriter
  }

  async #load(): Promise<void> {
    try {
      await loadParser()
      const { migrations, observer } = this.runtime
      this.#brokenMappings = mappingErrors(migrations)
      this.#rewriter = createRewriter({ migrations, without: new Set(this.#brokenMappings.keys()) })
      for (const { code, message, migration } of this.#brokenMappings.values())
        observer.onWarning?.({ code, message, migration })
    } catch (error) {
      this.#failure = ExpandContractError.isInstance(error) ? error : parserError(error)
    }
    this.#loading = undefined
  }
}

function parserError(cause: unknown): ExpandContractError {
  const code: SessionErrorCode = 'EC_PARSER'
  return new ExpandContractError(code, {
    message: 'The SQL parser (libpg-query, WebAssembly) could not be loaded.',
    hint: 'See `cause`. The runtime must allow WebAssembly, and libpg-query must be installed whole. A bundle must be shipped with every file that the bundler wrote, or leave libpg-query and @expand-contract/sql out (`external`): docs/bundlers-and-jest.md.',
    cause,
  })
}
