import type { RunnerErrorCode } from '../error-catalogue.ts'

/** Which step a hazard would make fail; what comes later is reached without trouble until then. */
export type StoppedStage = 'expand' | 'backfill' | 'switch' | 'contract' | 'drop'

/** One thing that was found, with the user's names and no value of a row. */
export interface Finding {
  /** What it is about: `public.users`, `view public.active_users`. */
  readonly subject: string
  readonly what: string
  readonly why: string
  /** To paste: SQL that ends with `;`, or a sentence where no statement of SQL helps. */
  readonly remedy: string
}

/** One kind of trouble. A code is permanent: it is never given to another kind, also when this one is gone. */
export interface Hazard<Facts> {
  readonly code: `D${number}`
  /** Of the reference page. */
  readonly title: string
  /** Errors keep `expand` from beginning, warnings do not. */
  readonly level: 'error' | 'warning'
  /** undefined: no step fails by it. */
  readonly stops: StoppedStage | undefined
  /** An operator who knows better may go on, with a reason that is recorded; undefined for errors behind which statements of the application fail. */
  readonly overridable?: true
  /** `expand` itself puts it right, so that it does not keep it from running. */
  readonly mendedByExpand?: true
  /** The refusal of `expand` that this is. */
  readonly refusal?: RunnerErrorCode
  readonly find: (facts: Facts) => readonly Finding[]
}

/** A finding with what is known of its hazard. */
export interface DoctorFinding extends Finding, Omit<Hazard<never>, 'find' | 'refusal'> {}

/** `3 rows`, `1 row`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** Names for a sentence. */
export const listed = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')
