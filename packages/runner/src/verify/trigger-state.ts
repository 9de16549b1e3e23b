import type { Phase } from '@expand-contract/core'
import type { SyncTriggerState } from '../facts.ts'
import { readSyncTrigger } from '../read-sync-trigger.ts'
import type { RunnerClient } from '../runner-client.ts'
import type { SyncPhase } from '../sql/sync-function.ts'
import { syncNames } from '../sql/sync-names.ts'
import type { SyncShape } from '../sql/sync-shape.ts'
import { syncTriggerProblems } from '../sync-trigger-problems.ts'

/** The sync trigger on every member: how it is enabled, and a hash of its definition and its function. */
export interface TriggerState {
  readonly members: Readonly<
    Record<string, { readonly enabled: string | undefined; readonly hash: string | undefined }>
  >
  /** On every member, ENABLE ALWAYS, and as the phase has it. */
  readonly on: boolean
  /** What is wrong with it, in sentences. */
  readonly problems: readonly string[]
}

/** In `off` the function is still that of `expand`; in `dropped` there is none that would be right. */
const FUNCTION_OF: Readonly<Record<Phase, SyncPhase>> = {
  ...{ off: 'expand', expand: 'expand', switch: 'switch', contract: 'contract', hold: 'hold', dropped: 'hold' },
}

/** The sync trigger as it is now, held against what it must be in a phase. */
export async function readTriggerState(client: RunnerClient, shape: SyncShape, phase: Phase): Promise<TriggerState> {
  const { migration, controlSchema } = shape
  return triggerStateOf(shape, phase, await readSyncTrigger(client, migration, { controlSchema }))
}

/** The same of what was read already. */
export function triggerStateOf(shape: SyncShape, phase: Phase, state: SyncTriggerState | undefined): TriggerState {
  if (state === undefined)
    return { members: {}, on: false, problems: [`${shape.table.schema}.${shape.table.name} is not there.`] }
  const problems = syncTriggerProblems(shape, state, FUNCTION_OF[phase]).map(({ message }) => message)
  const { trigger } = syncNames(shape.migration)
  const members = state.members.map(
    ({ schema, table, triggers, definitionHash }) =>
      [`${schema}.${table}`, { enabled: triggers[trigger], hash: definitionHash }] as const,
  )
  return { members: Object.fromEntries(members), on: problems.length === 0, problems }
}

/** Nothing about it has changed between two looks; one of them may have been stored meanwhile, which sorts its names. */
export const sameTriggers = (before: TriggerState, after: TriggerState): boolean => textOf(before) === textOf(after)

const textOf = ({ members, problems }: TriggerState): string =>
  JSON.stringify([
    Object.keys(members)
      .toSorted()
      .map((name) => [name, members[name]?.enabled, members[name]?.hash]),
    problems,
  ])
