import type { Phase } from '@expand-contract/core'
import type { Ending } from './exit-codes.ts'
import type { Screen } from './screens/screen.ts'

/** What to do next, as a command to paste. */
export interface NextStep {
  readonly command: string
  readonly why?: string | undefined
}

/** What a step needs before it runs. */
export interface Gate {
  readonly id: string
  readonly ok: boolean
  readonly detail: string
  /** Further lines, such as the processes that are missing. @defaultValue none */
  readonly more?: readonly string[] | undefined
  readonly remedy?: NextStep | undefined
  /** When it opens by itself, if nothing comes between. @defaultValue it does not, or nobody knows when */
  readonly opensAt?: Date | undefined
}

/** How a command has ended, for people and for programs. */
export interface CommandResult {
  readonly ending: Ending
  readonly migration?: string | undefined
  readonly phase?: Phase | undefined
  /** Figures, as `result` of the JSON. */
  readonly result: Readonly<Record<string, unknown>>
  readonly gates?: readonly Gate[] | undefined
  readonly next?: readonly NextStep[] | undefined
  readonly warnings?: readonly string[] | undefined
  /** Why it was refused, where it ran to its end. @defaultValue none */
  readonly error?: { readonly code: string; readonly message: string } | undefined
  /** What a person reads. */
  readonly text: string | Screen
  /**
   * Called once the result is printed, where the command was not stopped. What it raises is passed over: the command has been done.
   * @defaultValue nothing
   */
  readonly afterwards?: (() => Promise<void>) | undefined
  /** The text is all that is printed, such as SQL for psql. @defaultValue false: what to do next follows */
  readonly bare?: boolean | undefined
}
