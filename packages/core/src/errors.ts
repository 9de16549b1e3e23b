const BRAND = Symbol.for('expand-contract.error')

/** The facts of one error: what happened and why, and what to do about it. */
export interface ErrorFacts {
  /** What happened, and why, with the user's own names. Never a parameter value. */
  readonly message: string
  /** What to do next. */
  readonly hint: string
  /** The id of the migration it is about, where there is one. */
  readonly migration?: string | undefined
  readonly cause?: unknown
}

/**
 * The base of every error raised by expand-contract. `code` is permanent, and what a program decides by; `hint` says
 * what to do. Parameter values are never part of it.
 */
export class ExpandContractError<Code extends string = string> extends Error {
  override readonly name: string = 'ExpandContractError'
  readonly code: Code
  readonly hint: string
  readonly migration: string | undefined

  constructor(code: Code, facts: ErrorFacts) {
    super(`${code}: ${facts.message}\n  ${facts.hint}`, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.hint = facts.hint
    this.migration = facts.migration
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** True for an error of ours, also when another copy of this package raised it. */
  static isInstance(error: unknown): error is ExpandContractError {
    return typeof error === 'object' && error !== null && BRAND in error
  }

  /** `instanceof` is true for the errors of another copy of this package as well; a subclass has its own. */
  static override [Symbol.hasInstance](error: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: it is the class that was asked about, which may be a subclass
    return this === ExpandContractError ? ExpandContractError.isInstance(error) : super[Symbol.hasInstance](error)
  }
}
