import type { Action } from './action.ts'
import { LOCK_DEFAULTS, type LockOptions } from './execute/lock-options.ts'

/**
 * A plan as a script for `psql`, with the reasons as comments: for somebody who reviews it, or runs it by hand. What is no SQL, such as a phase
 * that the control schema records, is a comment; running the command afterwards finds the rest done and records it.
 */
export function describeActions(actions: readonly Action[], options: LockOptions = {}): string {
  const { lockTimeoutMs, vacuumTimeoutMs } = { ...LOCK_DEFAULTS, ...options }
  const lines: string[] = []
  let open: string | undefined
  const end = (): void => void (open !== undefined && lines.push('COMMIT;', ''))
  for (const action of actions) {
    if (action.transaction !== open) {
      end()
      open = action.transaction
      if (open !== undefined) {
        const group = actions.filter(({ transaction }) => transaction === open)
        const tables = [...new Set(group.flatMap((each) => each.tables))]
        lines.push('BEGIN;')
        if (tables.length > 0)
          lines.push(
            '-- Blocks no reader and no writer; an autovacuum yields to it.',
            `SET LOCAL lock_timeout = '${vacuumTimeoutMs}ms';`,
            `LOCK TABLE ${tables.join(', ')} IN SHARE UPDATE EXCLUSIVE MODE;`,
            `SET LOCAL lock_timeout = '${lockTimeoutMs}ms';`,
          )
      }
    }
    lines.push(`-- ${comment(action)}`, ...(action.kind === 'sql' ? [`${action.sql};`] : []))
  }
  end()
  return lines.join('\n')
}

function comment(action: Action): string {
  const lock = action.lock === 'none' ? '' : ` (${action.lock})`
  const why = action.why.replaceAll(/\s*\n\s*/gu, ' ')
  if (action.kind === 'sql') return `${why}${lock}`
  if (action.kind === 'record-phase') return `The phase ${action.phase} is recorded by the command: ${why}`
  if (action.kind === 'wait') return `Wait until ${action.until.replaceAll('-', ' ')}: ${why}`
  return `In batches: ${action.work}. ${why}`
}
