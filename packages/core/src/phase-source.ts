import type { Phase } from './phase.ts'

/**
 * Where the phase of a migration is recorded. `phaseOf` is called for every decision and must answer from memory;
 * undefined means that none is recorded, and the columns that exist decide: the old one alone is `off`, both are `expand`,
 * the new one alone is `contract`. So reads move by a flag only where a phase source says `switch`. It must not throw: an
 * exception fails the statement, since without the phase neither side could be chosen safely (in `contract` the old column
 * is no longer written).
 */
export interface PhaseSource {
  phaseOf(migrationId: string): Phase | undefined
  /**
   * Set where the phases are rows of the database itself: then `phaseOf` is not asked. The driver reads them in the query by
   * which it reads the columns of the tables, on the same connection, so no phase is older than what is known of the columns,
   * and a replica answers with its own.
   * @defaultValue undefined
   */
  readonly inCatalog?: PhasesInCatalog
  /** Called once by `createRuntime` with the ids in use, which waits for it. */
  start?(migrationIds: readonly string[]): Promise<void> | void
  /** Called once by `runtime.close()`. */
  stop?(): Promise<void> | void
}

/** Where a database records phases: in the tables `migrations` (id, phase, epoch) and `installation` (id) of a schema. */
export interface PhasesInCatalog {
  readonly schema: string
}
