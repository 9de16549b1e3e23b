import { ExpandContractError, type StatementReason } from '@expand-contract/core'
import type { Plan } from '@expand-contract/sql'
import { NEVER_HAD, neverHadHint } from '../catalog/never-had-column.ts'
import type { SessionErrorCode } from '../error-catalogue.ts'

const CODE = 'EC_REFUSED' satisfies SessionErrorCode

const HINT =
  'Write the statement as said, or install the sync trigger of the migration (docs/sync-trigger.md), which keeps both sides in step whoever writes.'

/** A statement was not sent. The connection and its transaction are as they were before. */
export class StatementRefusedError extends ExpandContractError<typeof CODE> {
  override readonly name = 'StatementRefusedError'
  /** `INSERT`, `COPY`, ... */
  readonly command: string
  /** Every reason, with the migration it concerns and the place in the application's text. */
  readonly reasons: readonly StatementReason[]

  constructor(plan: Plan) {
    const migrations = [...new Set(plan.reasons.map((reason) => reason.migration))]
    super(CODE, {
      message: `${plan.command} was not sent, because it cannot be kept in step with ${migrations.join(' and ')}. ${plan.reasons.map(sentence).join(' ')}`,
      hint: plan.reasons.some(({ code }) => code === NEVER_HAD) ? neverHadHint(migrations) : HINT,
      migration: migrations[0],
      cause: plan.reasons.find(({ cause }) => cause !== undefined)?.cause,
    })
    this.command = plan.command
    this.reasons = plan.reasons
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: it is the class that was asked about, which may be a subclass
    if (this !== StatementRefusedError) return super[Symbol.hasInstance](error)
    return ExpandContractError.isInstance(error) && error.code === CODE
  }
}

const sentence = ({ code, message, position }: StatementReason): string =>
  `${message} (${code}${position === undefined ? '' : `, at character ${position + 1}`})`
