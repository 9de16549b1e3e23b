/** What a check of the declarations against the database has found. Codes are permanent. */
export type MigrationFindingCode =
  /** The parser could not be loaded, or the columns could not be read: nothing else was checked. */
  | 'not-checked'
  /** One check could not be run: a permission is missing, say. */
  | 'check-failed'
  | 'missing-table'
  | 'missing-columns'
  | 'missing-new-column'
  | 'old-column-gone'
  | 'never-had-column'
  | 'conflict'
  /** A declared type is not in the database, or cannot have its length or precision. */
  | 'unknown-type'
  | 'type-differs'
  /** A mapping is not SQL, or calls what is not there, or has a type that cannot be stored or read. */
  | 'mapping-fails'
  | 'volatile-function'
  /** Values of the table that the new type, or the mapping, does not take. */
  | 'value-range'
  /** Values of the table that the way back does not give again. */
  | 'not-reversible'
  | 'generated-column'
  | 'user-trigger'
  | 'unseen-writer'
  | 'view'
  /** Hints: sessions that may write the table without this library. */
  | 'unwrapped-writer'
  | 'other-sessions'

/** One thing that a check has found. It never carries a value of the table. */
export interface MigrationFinding {
  readonly code: MigrationFindingCode
  /** `error`: statements will fail, or values will be lost. `warning`: look at it before the next phase. `info`: to know. */
  readonly severity: 'error' | 'warning' | 'info'
  /** undefined where it is about all of them. */
  readonly migration: string | undefined
  /** `schema.name`, or as it was declared where it was not found. */
  readonly table: string | undefined
  readonly message: string
  /** What to do about it. */
  readonly hint: string
}
