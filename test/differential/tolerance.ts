import type { Side } from '@expand-contract/core'
import type { ReasonCode } from '@expand-contract/sql'
import type { ErrorSeen } from './observation.ts'

/** The SQLSTATE that a statement fails with. */
export type Answer = 'succeeds' | (string & {})

interface Where {
  readonly why: string
  /** In an application of this side alone. @defaultValue both */
  readonly app?: Side
  /** In migrations of these kinds alone, the first of which every run tries. @defaultValue all */
  readonly kinds?: readonly string[]
}

/** What one example, or a form of the generator, may do otherwise than on the untouched schema. That of an example must be of use on every server that runs it. */
export type Tolerance = Where &
  (
    | { readonly twin: Answer; readonly here: Answer }
    /** The same error, of which these fields differ. */
    | { readonly sqlstate: string; readonly fields: readonly (keyof ErrorSeen)[] }
    /** This value is the other one. */
    | { readonly value: string; readonly becomes: string }
    /** It may be refused, or kept on the old side, for this reason; never silently. */
    | { readonly reason: ReasonCode }
  )

interface Tolerating {
  readonly tolerates: readonly Tolerance[]
}

interface Circumstances {
  readonly app: Side
  /** undefined where there are no kinds. */
  readonly kind?: string
}

/** The tolerances of one example in one place, and which of them it has used there. */
export class Tolerances {
  readonly #held: readonly Tolerance[]
  readonly #used = new Set<Tolerance>()

  constructor({ tolerates }: Tolerating, { app, kind }: Circumstances) {
    this.#held = tolerates.filter((one) => {
      const inKind = one.kinds === undefined || (kind !== undefined && one.kinds.includes(kind))
      return inKind && (one.app ?? app) === app
    })
  }

  get used(): ReadonlySet<Tolerance> {
    return this.#used
  }

  answers(twin: Answer, here: Answer): boolean {
    return this.#use((one) => 'twin' in one && one.twin === twin && one.here === here)
  }

  field(sqlstate: string, field: keyof ErrorSeen): boolean {
    return this.#use((one) => 'sqlstate' in one && one.sqlstate === sqlstate && one.fields.includes(field))
  }

  reason(code: string): boolean {
    return this.#use((one) => 'reason' in one && one.reason === code)
  }

  /** One of the two columns may hold another value than was written, so that they are not in step. */
  get parts(): boolean {
    return this.#held.some((one) => 'value' in one && this.#used.has(one))
  }

  /** The rows of the twin as they may be here; undefined where they must be the same. */
  rows(twin: readonly (readonly (string | null)[])[]): readonly (readonly (string | null)[])[] | undefined {
    let changed: readonly (readonly (string | null)[])[] | undefined
    for (const one of this.#held)
      if ('value' in one && twin.some((row) => row.includes(one.value))) {
        changed = (changed ?? twin).map((row) => row.map((value) => (value === one.value ? one.becomes : value)))
        this.#used.add(one)
      }
    return changed
  }

  #use(fits: (one: Tolerance) => boolean): boolean {
    const found = this.#held.find(fits)
    if (found !== undefined) this.#used.add(found)
    return found !== undefined
  }
}

/** Collects which tolerances have been of use, to find those that nothing needs. */
export class ToleranceUses {
  readonly #used = new Map<string, Set<Tolerance>>()

  add(id: string, used: ReadonlySet<Tolerance>): void {
    if (used.size > 0) this.#used.set(id, new Set([...(this.#used.get(id) ?? []), ...used]))
  }

  /** The tolerances in an application of this side that had no use, with their examples. */
  unused(examples: readonly (Tolerating & { readonly id: string })[], app: Side): readonly string[] {
    return examples.flatMap(({ id, tolerates }) =>
      tolerates
        .filter((one) => (one.app ?? app) === app && !this.#used.get(id)?.has(one))
        .map((one) => `${id}: ${JSON.stringify(one)}`),
    )
  }
}
