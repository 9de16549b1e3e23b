import type { Migration } from '@expand-contract/core'
import type { Action, Blocker, RunnerEvent } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'
import type { DatabaseFacts } from '../database.ts'
import { durationText } from '../output/duration.ts'
import { type LockWait, type StepState, stepsScreen } from '../screens/expand-screen.ts'
import { planStep } from '../screens/plan-step.ts'

export interface WatchedActions {
  /** `Expand`, `Roll back`. */
  readonly verb: string
  readonly migration: Migration
  readonly database: DatabaseFacts
  readonly actions: readonly Action[]
  readonly lockTimeoutMs: number
  readonly giveUpAfterMs: number
  /** What doctor said ahead of it. @defaultValue it was not asked */
  readonly doctor?: string
}

/** Neighbours of one transaction are one step. */
function groupsOf(actions: readonly Action[]): readonly (readonly Action[])[] {
  const groups: Action[][] = []
  for (const action of actions) {
    const last = groups.at(-1)
    if (last !== undefined && action.transaction !== undefined && last[0]?.transaction === action.transaction)
      last.push(action)
    else groups.push([action])
  }
  return groups
}

/** What others notice of it first: that with the strongest lock. */
const nameOf = (group: readonly Action[]): string => {
  const first = group.find(({ lock }) => lock === 'ACCESS EXCLUSIVE') ?? group.find(({ lock }) => lock !== 'none')
  const shown = first ?? group[0]
  const name = shown === undefined ? '' : planStep(shown).text
  return group.length < 2 ? name : `${name}, and ${group.length - 1} more`
}

const pidsOf = (blockers: readonly Blocker[]): string =>
  blockers.map(({ pid, application }) => `${pid}(${application})`).join(',') || '-'

const blockersJson = (blockers: readonly Blocker[]): readonly object[] =>
  blockers.map(({ pid, application, role, state, since, statement }) => ({
    ...{ pid, application, role, state, since: since?.toISOString() ?? null, statement: statement ?? null },
  }))

/** `users`, `app.users` of what is quoted for SQL. */
const tableText = (quoted: string): string => quoted.replaceAll('"', '').replace(/^public\./u, '')

/** Shows how actions are executed, and counts tries. */
export function runnerProgress(
  { output, io }: CommandContext,
  watched: WatchedActions,
): {
  readonly onEvent: (event: RunnerEvent) => void
  readonly figures: () => { readonly tries: number; readonly lockedMs: number }
} {
  const { verb, migration, database, lockTimeoutMs, giveUpAfterMs, doctor } = watched
  const { id } = migration
  const groups = groupsOf(watched.actions)
  const giveUpAt = new Date(Date.now() + giveUpAfterMs)
  const done: string[] = []
  let [tries, lockedMs] = [0, 0]
  let waiting: LockWait | undefined

  const steps = (): readonly StepState[] => [
    ...(doctor === undefined ? [] : [{ name: 'doctor', state: 'done', detail: doctor } as const]),
    { name: 'operator lock', state: 'done', detail: `held by you (pid ${io.pid})` },
    ...groups.map((group, at): StepState => {
      const name = nameOf(group)
      const detail = done[at]
      if (detail !== undefined) return { name, state: 'done', detail }
      return at === done.length ? { name, state: 'running', detail: '' } : { name, state: 'after', detail: 'after it' }
    }),
  ]
  const show = (json: Readonly<Record<string, unknown>> & { readonly type: string }, line: string): void =>
    output.progress({
      json,
      line,
      block: (options) => stepsScreen({ verb, migration, database, steps: steps(), waiting, now: new Date() }, options),
    })
  const finished = (detail: string): void => {
    const step = nameOf(groups[done.length] ?? [])
    done.push(detail)
    waiting = undefined
    show({ type: 'step', migration: id, step, detail: { tries, lockedMs } }, `${id} done step=${JSON.stringify(step)}`)
  }
  return {
    onEvent(event) {
      if (event.type === 'committed') {
        tries += event.tries
        lockedMs += event.lockedMs
        finished(`${event.tries} ${event.tries === 1 ? 'try' : 'tries'}, lock held ${durationText(event.lockedMs)}`)
      } else if (event.type === 'done' && event.action.transaction === undefined) finished(durationText(event.ms))
      else if (event.type === 'blocked') {
        const { action, blockers, waitedMs: buildingMs } = event
        const { lock, tables } = action
        const now = new Date()
        waiting = {
          ...{ transaction: '', tries: 0, retryAt: now, blockers, tables, lockTimeoutMs, giveUpAt, lock, buildingMs },
        }
        show(
          {
            ...{ type: 'wait', migration: id, for: 'transactions', detail: nameOf([action]), waitedMs: buildingMs },
            blockers: blockersJson(blockers),
          },
          `${id} waits for older transactions step=${JSON.stringify(nameOf([action]))} blockers=${pidsOf(blockers)}`,
        )
      } else if (event.type === 'waiting') {
        const { transaction, tries: failed, retryInMs, blockers } = event
        const group = groups[done.length] ?? []
        const lock = group.map((action) => action.lock).find((each) => each === 'ACCESS EXCLUSIVE') ?? group[0]?.lock
        const tables = [...new Set(group.flatMap((action) => action.tables.map(tableText)))]
        const retryAt = new Date(Date.now() + retryInMs)
        waiting = {
          ...{ transaction, tries: failed, retryAt, blockers, tables, lockTimeoutMs, giveUpAt },
          lock: lock ?? 'a lock',
        }
        show(
          {
            ...{ type: 'wait', migration: id, for: 'lock', detail: transaction, tries: failed, retryInMs },
            blockers: blockersJson(blockers),
          },
          `${transaction} ${id} waiting try=${failed} retry=${Math.round(retryInMs)}ms blockers=${pidsOf(blockers)}`,
        )
      }
    },
    figures: () => ({ tries, lockedMs }),
  }
}
