import type { RunnerEvent } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'
import { durationText } from '../output/duration.ts'
import { agoText } from '../screens/status-screen.ts'

type Blockers = Extract<RunnerEvent, { readonly type: 'waiting' }>['blockers']

/** Who stands in the way, and the SQL that would end the oldest of them; never done by itself. */
function blockersText(blockers: Blockers, now: Date): string {
  if (blockers.length === 0) return '       nobody who can be named: the lock was given back meanwhile'
  const rows = blockers.map(({ pid, application, role, state, since, statement }) =>
    [
      String(pid).padEnd(8),
      application.slice(0, 18).padEnd(20),
      role.slice(0, 14).padEnd(16),
      state.padEnd(22),
      (since === undefined ? '-' : agoText(since, now)).padEnd(12),
      (statement ?? '-').replaceAll(/\s+/gu, ' ').slice(0, 40),
    ].join(''),
  )
  const [oldest] = blockers.toSorted((one, other) => (one.since?.getTime() ?? 0) - (other.since?.getTime() ?? 0))
  return [
    `       held up by ${blockers.length} session${blockers.length === 1 ? '' : 's'}:`,
    `         ${'PID'.padEnd(8)}${'APPLICATION'.padEnd(20)}${'ROLE'.padEnd(16)}${'STATE'.padEnd(22)}${'SINCE'.padEnd(12)}LAST STATEMENT`,
    ...rows.map((row) => `         ${row}`.trimEnd()),
    ...(oldest === undefined || oldest.pid === 0 ? [] : [`       oldest: select pg_terminate_backend(${oldest.pid});`]),
  ].join('\n')
}

/** Shows how actions are executed, and counts tries. */
export function runnerProgress(
  { output }: CommandContext,
  id: string,
): {
  readonly onEvent: (event: RunnerEvent) => void
  readonly figures: () => { readonly tries: number; readonly lockedMs: number }
} {
  let [tries, lockedMs] = [0, 0]
  return {
    onEvent(event) {
      if (event.type === 'committed') {
        tries += event.tries
        lockedMs += event.lockedMs
      }
      if (event.type !== 'waiting') return
      const { transaction, tries: failed, retryInMs, blockers } = event
      const head = `[..] ${transaction}: waiting for a lock, try ${failed} has failed, next in ${durationText(retryInMs)}`
      const pids = blockers.map(({ pid, application }) => `${pid}(${application})`).join(',')
      output.progress({
        json: { ...event, type: 'wait', migration: id },
        block: [
          head,
          '       each try waits 200 ms, so nobody queues behind it for longer',
          blockersText(blockers, new Date()),
        ].join('\n'),
        line: `${transaction} ${id} waiting try=${failed} retry=${Math.round(retryInMs)}ms blockers=${pids || '-'}`,
      })
    },
    figures: () => ({ tries, lockedMs }),
  }
}
