import type { MigrationFinding } from '@expand-contract/core'
import type { Asking, OwnQuery, OwnQueryResult } from '../own-query/own-query.ts'

export type Findings = Asking<readonly MigrationFinding[]>

/** What a finding is about. */
export type Subject = Pick<MigrationFinding, 'migration' | 'table'>

/** Runs one check; an error of the database is a finding of its own, so that the others are run as well. */
export function* attempted(what: string, subject: Subject, check: () => Findings): Findings {
  try {
    return yield* check()
  } catch (error) {
    const message = `${what} could not be checked: PostgreSQL answered ${stateOf(error)}.`
    const hint = 'Check with a role that may read the table, or look at it yourself.'
    return [{ ...subject, code: 'check-failed', severity: 'warning', message, hint }]
  }
}

/** The SQLSTATE of an error. Its message may quote values, unless it is of the class that names what is not there. */
export function stateOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === undefined) return 'an error without a code'
  return code.startsWith('42') && error instanceof Error ? `${code} (${error.message})` : code
}

/** Asks the queries of a check one after the other. */
export async function answered<T>(work: Asking<T>, ask: (query: OwnQuery) => Promise<OwnQueryResult>): Promise<T> {
  let step = work.next()
  while (step.done !== true) {
    try {
      const answer = await ask(step.value)
      step = work.next(answer)
    } catch (error) {
      step = work.throw(error)
    }
  }
  return step.value
}
