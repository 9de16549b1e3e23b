import {
  createRuntime,
  fixedFlags,
  fixedPhases,
  type Observer,
  renameColumn,
  type WarningEvent,
} from '@expand-contract/core'
import type { Plan } from '@expand-contract/sql'
import { describe, expect, it } from 'vitest'
import { planReporter } from './statement-event.ts'
import { StatementRefusedError } from './statement-refused-error.ts'

const migration = renameColumn({ table: 'users', from: 'name', to: 'full_name', app: 'old', flag: 'full-name' })
const cause = new TypeError('an error of the rewriter')
const reason = { migration: migration.id, code: 'unsupported', message: 'Unknown.', position: undefined }

const planOf = (reasons: Plan['reasons']): Plan => ({
  ...{ outcome: 'refused', text: 'select 1', command: 'SELECT', reads: {}, touches: [], reasons },
  mapPosition: (position) => position,
})

async function report(plans: readonly Plan[], also: Observer = {}): Promise<readonly WarningEvent[]> {
  const warnings: WarningEvent[] = []
  const observer: Observer = { ...also, onWarning: (event) => void warnings.push(event) }
  const runtime = await createRuntime({ migrations: [migration], flags: fixedFlags(), phases: fixedPhases(), observer })
  for (const plan of plans) planReporter(runtime)?.(plan, { text: 'select 1', scope: undefined }, undefined)
  await runtime.close()
  return warnings
}

describe('a statement that the rewriter failed on', () => {
  const failed = planOf([{ ...reason, cause }])

  it('is a warning with its cause, once', async () => {
    expect(await report([failed, failed])).toEqual([
      { code: 'unsupported', message: 'Unknown.', migration: migration.id, cause },
    ])
  })

  it('is a statement event as well, with the same reasons', async () => {
    const seen: unknown[] = []
    const warnings = await report([failed], { onStatement: ({ reasons }) => void seen.push(reasons) })
    expect([warnings.length, seen]).toEqual([1, [failed.reasons]])
  })

  it('is no warning where the statement itself is at fault', async () => {
    expect(await report([planOf([reason]), planOf([])])).toEqual([])
  })

  it('hands its cause to the error, and not into its text', () => {
    const error = new StatementRefusedError(failed)
    expect(error.cause).toBe(cause)
    expect(error.reasons[0]?.cause).toBe(cause)
    expect(error.message).not.toContain('an error of the rewriter')
    expect('cause' in new StatementRefusedError(planOf([reason]))).toBe(false)
  })
})
