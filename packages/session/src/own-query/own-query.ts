/** A query of ours that runs on the application's connection, ahead of the statement that needs it. */
export interface OwnQuery {
  readonly text: string
  readonly values: readonly unknown[]
  /** What is wanted are the fields of the result; it has no rows. */
  readonly described?: true
  /**
   * The text as it is sent, when `text` is what the query itself has become: what stands before and behind it, in one text. There
   * are no values then, and the result is the one with columns.
   */
  readonly sent?: (text: string) => string
}

export interface OwnQueryField {
  readonly name: string
  readonly dataTypeID: number
  /** undefined where the driver does not tell. */
  readonly dataTypeModifier: number | undefined
}

export interface OwnQueryResult {
  /** Every value as the text that PostgreSQL sent. */
  readonly rows: readonly Readonly<Record<string, string | null>>[]
  readonly fields: readonly OwnQueryField[]
}

/**
 * Work that needs answers of the database: it yields queries and is resumed with their results, or with the error
 * thrown into it. It knows nothing of how they are run.
 */
export type Asking<T> = Generator<OwnQuery, T, OwnQueryResult>
