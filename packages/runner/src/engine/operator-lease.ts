import { acquireLease, type Control, type Operator, releaseLease } from '@expand-contract/control'
import type { StepWait } from './step.ts'

export interface HoldLease extends Operator {
  readonly migration: string
  readonly operation: string
  readonly token: string
}

/** The lease of the migration for this token, taken, kept or renewed; who has it where it is another's. */
export async function holdLease(control: Control, request: HoldLease): Promise<StepWait | undefined> {
  const found = await acquireLease(control, request)
  if (found.token !== undefined) return undefined
  const { who, operation, until } = found.heldBy
  return { code: 'operator', detail: `${who} runs ${operation}; the lease ends at ${until.toISOString()}` }
}

/** Where it was lost, whoever has it keeps it. */
export async function letGo(control: Control, lease: Pick<HoldLease, 'migration' | 'token'>): Promise<void> {
  await releaseLease(control, lease)
}
