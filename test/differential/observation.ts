/** What an application can see of one statement. */
export type Observation =
  | { readonly kind: 'results'; readonly results: readonly ResultSeen[] }
  | { readonly kind: 'error'; readonly error: ErrorSeen }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }

export interface FieldSeen {
  readonly name: string
  /** With its schema where it is not PostgreSQL's own, since OIDs of own types differ between databases. */
  readonly type: string
  readonly modifier: number
}

export interface ResultSeen {
  readonly command: string
  readonly rowCount: number | null
  readonly fields: readonly FieldSeen[]
  /** Values as PostgreSQL sent them, or JSON of whole rows where they came as objects. */
  readonly rows: readonly (readonly (string | null)[])[]
}

/** The error fields that PostgreSQL sends and ORMs read. */
export interface ErrorSeen {
  readonly code: string
  readonly message: string
  readonly detail: string | undefined
  readonly hint: string | undefined
  readonly schema: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly dataType: string | undefined
  readonly constraint: string | undefined
  readonly position: string | undefined
}
