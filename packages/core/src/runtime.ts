import type { CatalogPhases, CatalogReader } from './catalog-phases.ts'
import { currentScope, noContext, type RequestScope, runInScope } from './context.ts'
import { type Decision, decisionFor, type Pins } from './decision.ts'
import type { FlagContext } from './flag-context.ts'
import type { FlagSource } from './flag-source.ts'
import type { Migration, Side } from './migration.ts'
import { checkMigrationSet } from './migration-set.ts'
import type { Observer } from './observer.ts'
import { ObserverList } from './observer-list.ts'
import { type Phase, type PhysicalState, ruleFor } from './phase.ts'
import type { PhaseSource, PhasesInCatalog } from './phase-source.ts'
import { isLater, isStillFilled, pinPlace } from './pin-place.ts'
import { prepare } from './preparations.ts'
import { phaseInCatalog, phaseReader } from './recorded-phase.ts'
import { startSources } from './source-lifecycle.ts'

export interface RuntimeOptions {
  /** Every migration that is under way in this application. */
  readonly migrations: readonly Migration[]
  /** Counts in the phase `switch` alone. @defaultValue none: every flag is false, so reads stay old until `contract` */
  readonly flags?: FlagSource
  /**
   * Opens the read switch: a flag counts only while the phase of its migration is `switch`.
   * @defaultValue none: the columns that exist decide (old only: off, both: expand, new only: contract), and no flag counts
   */
  readonly phases?: PhaseSource
  readonly observer?: Observer
}

/** What the read side of a migration is decided with; asked for by the driver once per statement. */
export interface DecisionRequest {
  readonly migration: Migration
  readonly physical: PhysicalState
  /** The request the statement belongs to, captured when the application sent it. */
  readonly scope: RequestScope | undefined
  /** The pins of the transaction the statement runs in; undefined outside of one. */
  readonly transaction: Pins | undefined
  /** What the connection knows of the phases, where these are read with the catalog. */
  readonly phases?: CatalogPhases | undefined
}

/** The declared migrations with their flags, phases and observer: what every adapter is handed. */
export interface Runtime {
  readonly migrations: readonly Migration[]
  readonly observer: Observer
  /** Adds an observer beside that of the options; returns what removes it. What it throws is swallowed, as there. */
  observe(observer: Observer): () => void
  /** What the drivers know of phases. Each driver adds itself. */
  readonly catalogReaders: CatalogReader[]
  /**
   * Runs `fn` as one request: flags are evaluated for `context`, and each migration reads one side throughout, whatever
   * the flag does meanwhile, as long as both sides are written and filled. Nested calls with another context are requests of their own.
   */
  withContext<T>(context: FlagContext, fn: () => T): T
  /** The running request, for a driver to capture when a statement is sent. */
  scope(): RequestScope | undefined
  /** The side to read and the sides to write, pinned to the transaction or the request. */
  decide(request: DecisionRequest): Decision
  /**
   * The phase that is recorded for a migration; undefined: none is, and the columns that exist decide. `phases` is what the
   * connection knows, where they are read with the catalog.
   */
  phaseOf(migration: Migration, phases?: CatalogPhases): Phase | undefined
  /** Set where a driver is to read the phases with the catalog. */
  readonly phasesInCatalog: PhasesInCatalog | undefined
  /** Stops flags and phases. Statements that are still sent are decided from what was known last. */
  close(): Promise<void>
}

/**
 * Checks the migrations against each other, starts flags and phases, and waits for both, and for what the drivers that are
 * imported load meanwhile (the SQL parser, 50 ms once).
 * @throws EC_DUPLICATE_ID, EC_DUPLICATE_FLAG, EC_CONFLICT, and what flags and phases refuse: EC_UNKNOWN_MIGRATION
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const migrations = checkMigrationSet(options.migrations)
  const observers = new ObserverList(options.observer)
  const { observer } = observers
  const catalogReaders: CatalogReader[] = []
  const prepared = migrations.length > 0 ? prepare() : undefined
  const stop = await startSources(options, migrations, observer)
  await prepared
  const flaggedSide = flagReader(options.flags, observer)
  const recordedPhase = phaseReader(options.phases, observer)
  const phasesInCatalog = options.phases?.inCatalog

  return Object.freeze({
    migrations,
    observer,
    observe: (added: Observer) => observers.add(added),
    catalogReaders,
    withContext: runInScope,
    scope: currentScope,
    decide({ migration, physical, scope, transaction, phases }: DecisionRequest): Decision {
      const phase = recordedPhase(migration, physical, phases)
      const rule = ruleFor(phase, physical)
      const pinnedHere = transaction?.get(migration.id)
      // A request keeps its side as long as both are written and filled, also behind a rollback: where one side alone is written, a process says that
      // it follows the phase. A transaction may finish as it began: it has locked the table, so its column stays.
      const here = pinPlace(migration.id, phases)
      const then = scope?.places.get(migration.id)
      const ofRequest = scope?.pins.get(migration.id)
      const isSafe = rule.read === 'flag' || rule.read === ofRequest || isStillFilled(then, here)
      const kept = rule.write === 'both' && isSafe ? ofRequest : undefined
      const pinned = pinnedHere ?? kept
      const context = scope?.context ?? noContext()
      const wanted = pinned ?? (rule.read === 'flag' ? flaggedSide(migration, context) : rule.read)
      const decision = decisionFor(rule.write, wanted, physical)
      if (pinnedHere !== decision.read) transaction?.set(migration.id, decision.read)
      if (scope !== undefined && (ofRequest === undefined || isLater(then, here))) {
        scope.pins.set(migration.id, decision.read)
        scope.places.set(migration.id, here)
      }
      if (pinned === undefined)
        observer.onDecision?.({ migration: migration.id, phase, physical, read: decision.read, context })
      return decision
    },
    phaseOf: (migration: Migration, phases?: CatalogPhases) =>
      phasesInCatalog === undefined ? options.phases?.phaseOf(migration.id) : phaseInCatalog(migration.id, phases),
    phasesInCatalog,
    close: stop,
  })
}

function flagReader(
  flags: FlagSource | undefined,
  observer: Observer,
): (migration: Migration, context: FlagContext) => Side {
  return (migration, context) => {
    if (flags === undefined || migration.flag === undefined) return 'old'
    try {
      const enabled: unknown = flags.isEnabled(migration.flag, context)
      if (typeof enabled === 'boolean') return enabled ? 'new' : 'old'
      // An `async isEnabled` that fails must not end the process.
      Promise.resolve(enabled).catch(() => undefined)
      const message = `The flag ${JSON.stringify(migration.flag)} is ${typeof enabled} instead of true or false, so reads stay on the old column.`
      observer.onWarning?.({ code: 'flag-not-boolean', message, migration: migration.id })
    } catch (cause) {
      const message = `The flag ${JSON.stringify(migration.flag)} could not be evaluated, so reads stay on the old column.`
      observer.onWarning?.({ code: 'flag-failed', message, migration: migration.id, cause })
    }
    return 'old'
  }
}
