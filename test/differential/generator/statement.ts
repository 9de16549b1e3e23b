/**
 * Statements as data, without names: numbers pick from what is there when the statement is printed (modulo its count), so
 * that every statement can be printed over every schema, and shrinking either keeps the other valid.
 */
export type Pick = number

export type Expr =
  | { readonly kind: 'column'; readonly pick: Pick; readonly bare: boolean }
  | { readonly kind: 'literal'; readonly pick: Pick }
  | { readonly kind: 'parameter'; readonly pick: Pick; readonly bare: boolean; readonly reuse: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'call'; readonly pick: Pick; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'coalesce'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'case'; readonly when: Condition; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'scalar'; readonly from: SubQuery }
  | { readonly kind: 'cast'; readonly left: Expr }

export type Condition =
  | {
      readonly kind: 'compare'
      readonly operator: Pick
      readonly family: Pick
      readonly left: Expr
      readonly right: Expr
    }
  | { readonly kind: 'null'; readonly not: boolean; readonly family: Pick; readonly left: Expr }
  | {
      readonly kind: 'in'
      readonly not: boolean
      readonly family: Pick
      readonly left: Expr
      readonly list: readonly Expr[]
    }
  | {
      readonly kind: 'in query'
      readonly not: boolean
      readonly family: Pick
      readonly left: Expr
      readonly from: SubQuery
    }
  | { readonly kind: 'between'; readonly family: Pick; readonly left: Expr; readonly low: Expr; readonly high: Expr }
  | { readonly kind: 'any'; readonly family: Pick; readonly left: Expr; readonly picks: readonly Pick[] }
  | { readonly kind: 'like'; readonly left: Expr; readonly pattern: Pick; readonly operator: Pick }
  | { readonly kind: 'exists'; readonly not: boolean; readonly from: SubQuery }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly left: Condition }

/** One table, one value: for IN, EXISTS and scalar sub-selects (as its maximum, so that it is one row). */
export interface SubQuery {
  readonly table: Pick
  readonly aliased: boolean
  readonly value: Expr
  readonly where: Condition | undefined
}

export type Item =
  | { readonly kind: 'star' }
  | { readonly kind: 'star of'; readonly source: Pick }
  | { readonly kind: 'value'; readonly family: Pick; readonly value: Expr; readonly alias: Pick | undefined }
  | {
      readonly kind: 'window'
      readonly call: Pick
      readonly family: Pick
      readonly value: Expr
      readonly alias: Pick | undefined
    }
  | { readonly kind: 'row'; readonly source: Pick; readonly alias: Pick | undefined }

export interface Aggregate {
  readonly call: Pick
  readonly family: Pick
  readonly value: Expr
  readonly filter: Condition | undefined
  readonly alias: Pick | undefined
}

export interface Source {
  readonly of:
    | { readonly kind: 'table'; readonly table: Pick; readonly only: boolean }
    | { readonly kind: 'query'; readonly query: Select; readonly lateral: boolean; readonly renamed: boolean }
    | { readonly kind: 'common'; readonly pick: Pick }
  readonly aliased: boolean
  readonly join: 'comma' | 'cross' | 'inner' | 'left' | 'right' | 'full' | 'using' | 'left using' | 'natural'
  readonly on: Condition
}

export interface Select {
  readonly common: { readonly query: Select; readonly materialized: Pick; readonly renamed: boolean } | undefined
  readonly distinct: 'no' | 'all' | 'on'
  readonly items: readonly Item[]
  /** With keys or aggregates the items are these instead. */
  readonly grouped:
    | {
        readonly keys: readonly Item[]
        readonly style: Pick
        readonly aggregates: readonly Aggregate[]
        readonly having: boolean
      }
    | undefined
  readonly from: readonly Source[]
  readonly where: Condition | undefined
  readonly order: readonly {
    readonly pick: Pick
    readonly by: 'name' | 'position' | 'expression'
    readonly descending: boolean
  }[]
  readonly limit: Pick | undefined
  readonly set: { readonly operator: Pick; readonly right: Select } | undefined
  readonly locked: boolean
}

/** A value to assign: DEFAULT, or an expression. */
export type Assigned = { readonly kind: 'default' } | Expr

export interface Returning {
  readonly items: readonly Item[]
}

export type Statement =
  | { readonly kind: 'select'; readonly select: Select }
  | {
      readonly kind: 'insert'
      readonly table: Pick
      readonly aliased: boolean
      /** Which of the columns besides the id are listed; all of a migration's or none. */
      readonly columns: readonly boolean[]
      readonly listed: boolean
      readonly rows: readonly (readonly Assigned[])[]
      readonly select: Select | undefined
      readonly conflict: Conflict | undefined
      readonly returning: Returning | undefined
    }
  | {
      readonly kind: 'update'
      readonly table: Pick
      readonly aliased: boolean
      readonly sets: readonly { readonly column: Pick; readonly value: Assigned }[]
      readonly style: 'single' | 'row' | 'query'
      readonly from: Pick | undefined
      readonly where: Condition | undefined
      readonly returning: Returning | undefined
    }
  | {
      readonly kind: 'delete'
      readonly table: Pick
      readonly aliased: boolean
      readonly using: Pick | undefined
      readonly where: Condition | undefined
      readonly returning: Returning | undefined
    }
  | {
      readonly kind: 'merge'
      readonly table: Pick
      readonly source: Pick
      readonly condition: Condition | undefined
      readonly sets: readonly { readonly column: Pick; readonly value: Assigned }[]
      readonly columns: readonly boolean[]
      readonly row: readonly Assigned[]
      readonly remove: boolean
    }

export interface Conflict {
  /** On the id, on the unique migrating column where there is one, or on none. */
  readonly target: 'id' | 'unique' | 'none'
  /** Undefined: DO NOTHING. */
  readonly sets: readonly { readonly column: Pick; readonly value: Assigned }[] | undefined
  readonly where: Condition | undefined
}
