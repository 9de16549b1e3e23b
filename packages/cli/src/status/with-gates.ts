import { shellWord } from '@expand-contract/core'
import type { Gate } from '../command.ts'
import { agoText } from '../output/duration.ts'
import type { MigrationStatus, Turn } from './migration-status.ts'

export interface NextGates {
  /** The command of the next stage. */
  readonly to: string
  readonly gates: readonly Gate[]
}

/** What a status says once the gates of the next stage are known: the first one that is missing is what comes next, as the commands say it. */
export function withGates(status: MigrationStatus, next: NextGates | undefined, now: Date): MigrationStatus {
  // What is being done, or has stopped on the way, is in no gate.
  if (next === undefined || status.turn === 'working' || (status.turn === 'act' && status.command !== undefined))
    return status
  const open = next.gates.filter(({ ok }) => !ok)
  const [first] = open
  if (first === undefined)
    return {
      ...{ ...status, turn: 'may-act', next: next.to, state: `${status.state}; ready to ${next.to}` },
      command: `expand-contract ${next.to} ${shellWord(status.id)}`,
    }
  const flag = first.id === 'soak' && status.next === 'raise flag'
  return {
    ...{ ...status, turn: flag ? status.turn : turnOf(first), next: flag ? status.next : wordOf(first, now) },
    state: flag || status.phase === 'expand' ? status.state : `${status.state}; ${shortText(first)}`,
    command: open.find(({ remedy }) => remedy !== undefined)?.remedy?.command,
  }
}

/** Gates that wait for a decision, or for a change of what others have made. */
const NEED_YOU: ReadonlySet<string> = new Set(['parity', 'trigger', 'round-trip', 'inventory', 'dependents', 'hidden'])

function turnOf({ id, remedy }: Gate): Turn {
  const verb = verbOf(remedy?.command)
  if (verb === 'wait') return 'waiting'
  // What a command makes is made when you like; it asks you for nothing.
  const made = verb === 'backfill' || verb === 'verify' || (id === 'parity' && verb === 'expand')
  return verb === 'repair' || (NEED_YOU.has(id) && !made) ? 'act' : 'may-act'
}

const verbOf = (command: string | undefined): string | undefined => command?.split(' ')[1]

/** The verb of a command, or what is waited for. */
function wordOf({ id, remedy, opensAt }: Gate, now: Date): string {
  const verb = verbOf(remedy?.command)
  if (verb === 'wait') return opensAt === undefined ? 'wait' : `wait ${agoText(now, opensAt)}`
  if (id === 'inventory') return 'change statement'
  if (id === 'dependents') return 'change dependents'
  return id === 'statistics' ? 'analyze' : (verb ?? id)
}

/** `soak: 23 h 59 min of 7 d`. */
const shortText = ({ id, detail }: Gate): string => `${id}: ${detail.split(/;|: epoch|, over at/u)[0]}`
