/** The phases that one database has recorded, as of when the columns of its tables were read. */
export interface CatalogPhases {
  /**
   * `missing`: the database has no such table. `forbidden`: the role may not read it. Nothing is known of any phase then.
   */
  readonly state: 'readable' | 'missing' | 'forbidden'
  /** Tells this control schema from that of another database; undefined unless it is readable. */
  readonly installation: string | undefined
  /** By migration id; of migrations that are declared alone. */
  readonly recorded: ReadonlyMap<string, RecordedPhase>
}

export interface RecordedPhase {
  /** As it stands there: a newer version may know phases that this one does not. */
  readonly phase: string
  /** Raised with every change. */
  readonly epoch: number
}

/** What one driver knows of the catalogs that it has read. */
export interface CatalogReader {
  /** How old its knowledge may be when a statement is sent on it, in milliseconds. */
  readonly leaseMs: number
  /** One for each database and search path that its statements were sent to. */
  known(): readonly KnownCatalog[]
}

export interface KnownCatalog {
  /** undefined where phases are not read with the catalog. */
  readonly phases: CatalogPhases | undefined
  /** Until when statements may be sent on it without reading it again, by Date.now(). */
  readonly until: number
}
