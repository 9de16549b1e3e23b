import type { Operator } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { type HiddenReader, type HiddenReaders, readHiddenReaders } from '../hidden/hidden-readers.ts'
import type { Gate, GateFacts } from './gate.ts'
import { minuteText } from './span-text.ts'

export interface HiddenGateOptions {
  /** When the column was set aside. */
  readonly since: Date
  /** One who was seen longer ago than this, in milliseconds, does not count any more. */
  readonly quietMs: number
  readonly now: Date
  readonly operator?: Operator | undefined
}

/** Nobody fails any more since the old column has another name. */
export async function hiddenGate(facts: GateFacts, options: HiddenGateOptions): Promise<Gate> {
  const { since, quietMs, now, operator } = options
  const readers = await readHiddenReaders(facts, { since, operator })
  const quiet = now.getTime() - quietMs
  const counting = readers.found.filter(({ at }) => at === undefined || at.getTime() >= quiet)
  const [last] = readers.found.flatMap(({ at }) => at ?? [])
  if (counting.length === 0)
    return { id: 'hidden', ok: true, detail: `none seen since ${minuteText(last ?? since)} UTC${blindness(readers)}` }
  const names = [...new Set(counting.map(({ who }) => who))]
  return {
    ...{ id: 'hidden', ok: false, detail: `${names.slice(0, 5).join('; ')}${names.length > 5 ? '; ...' : ''}` },
    more: [...counting.slice(0, 5).map(hiddenLine), ...hint(readers)],
    remedy: `unhold ${shellWord(facts.migration.id)}`,
  }
}

/** `2026-11-27 12:00 psql as dba_tom, pid 4711: select name from users`. */
export const hiddenLine = ({ at, who, statement, kind }: HiddenReader): string =>
  `${at === undefined ? '' : `${minuteText(at)} `}${who}: ${kind === 'function' ? 'its text names the old column' : (statement ?? 'a statement that is not shown, since it cannot be told what is a value').replaceAll(/\s+/gu, ' ').slice(0, 120)}`

const hint = ({ rollbacks }: HiddenReaders): readonly string[] =>
  rollbacks === undefined || rollbacks === 0
    ? []
    : [`${rollbacks} transactions of the database were rolled back meanwhile, for whatever reason`]

/** What was not looked at. */
function blindness({ counted, unseen, rollbacks }: HiddenReaders): string {
  const said = [
    ...(unseen === 0
      ? []
      : [`${unseen} sessions are of roles whose statements this one may not see: grant pg_read_all_stats`]),
    ...(counted ? [] : ['pg_stat_statements is not there']),
    ...(rollbacks === undefined || rollbacks === 0
      ? []
      : [`${rollbacks} transactions rolled back, for whatever reason`]),
  ]
  return said.length === 0 ? '' : ` (${said.join('; ')})`
}
