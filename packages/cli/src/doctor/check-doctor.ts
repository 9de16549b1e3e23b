import { type Migration, shellWord } from '@expand-contract/core'
import type { Confirmation, DoctorFinding, DoctorReport } from '@expand-contract/runner'
import { cliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { textOption } from '../command-option.ts'
import type { OpenDatabase } from '../database.ts'
import { hazardCounts, hazardsOf } from './planned-hazards.ts'
import { runDoctor } from './run-doctor.ts'

export interface CheckedByDoctor {
  /** Codes of the errors that the operator goes on with, and why. */
  readonly overridden: readonly string[]
  readonly reason: string | undefined
  /** `0 errors, 2 warnings (D03, D07)`. */
  readonly told: string
}

export interface CheckDoctor {
  readonly options: Readonly<Record<string, unknown>>
  readonly confirmed: readonly Confirmation[]
}

/**
 * Runs doctor ahead of `expand`, which then says in one line that nothing stands in its way.
 * @throws EC_DOCTOR, EC_USAGE
 */
export async function checkDoctor(
  context: CommandContext,
  database: OpenDatabase,
  migration: Migration,
  { options, confirmed }: CheckDoctor,
): Promise<CheckedByDoctor> {
  const asked = (textOption(options, 'override') ?? '').split(',').filter((each) => each !== '')
  const reason = textOption(options, 'reason')
  if (asked.length > 0 && reason === undefined)
    throw cliError('EC_USAGE', { message: '--override needs a reason.', hint: 'Add --reason "...": it is recorded.' })
  const report = await runDoctor(context, database, [migration], { confirmed })
  const errors = findingsOf(report).filter(({ level, mendedByExpand }) => level === 'error' && mendedByExpand !== true)
  const overridden = errors.filter(({ code, overridable }) => overridable === true && asked.includes(`doctor:${code}`))
  const open = errors.filter((finding) => !overridden.includes(finding))
  if (open.length > 0) throw refused(migration, open)
  context.output.note(`[ok] doctor ${summary(report)}`)
  const { findings } = hazardsOf(report, migration.id)
  const codes = [...new Set(findings.map(({ code }) => code))]
  const told = `${hazardCounts(findings)}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`
  return { overridden: [...new Set(overridden.map(({ code }) => code))], reason, told }
}

const findingsOf = ({ groups }: DoctorReport): readonly DoctorFinding[] => groups.flatMap(({ findings }) => findings)

function refused({ id }: Migration, open: readonly DoctorFinding[]): Error {
  const codes = [...new Set(open.filter(({ overridable }) => overridable === true).map(({ code }) => `doctor:${code}`))]
  const known =
    codes.length === 0 ? '' : `; known, and meant: --override ${codes.join(',')} --reason "...", which is recorded`
  return cliError('EC_DOCTOR', {
    message: `doctor has found ${open.map(({ code, what }) => `${code} ${what}`).join('; ')}. Nothing was changed.`,
    hint: `Remedies to paste: expand-contract doctor ${shellWord(id)}${known}.`,
    migration: id,
  })
}

/** `0 errors, 2 warnings (D03 idle_in_transaction_session_timeout is 0; D07 ...)`. */
function summary({ errors, warnings, groups }: DoctorReport): string {
  const what = groups.flatMap(({ findings }) => findings.map((finding) => `${finding.code} ${finding.what}`))
  const counts = `${errors} error${errors === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}`
  return what.length === 0 ? counts : `${counts} (${what.join('; ')})`
}
