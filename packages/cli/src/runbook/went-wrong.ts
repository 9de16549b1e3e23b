import type { EventRecord } from '@expand-contract/control'
import { countText, durationText } from '../output/duration.ts'
import { code, plain } from './markdown.ts'
import { figure, minuteText, type RunbookFacts, whoText } from './runbook-facts.ts'

interface Line {
  readonly at: Date
  readonly text: string
}

/** What did not go as planned, the oldest first, as the items of a list. */
export function wentWrong(facts: RunbookFacts): readonly string[] {
  const lines = [
    ...facts.events.flatMap((event) => eventLine(facts, event)),
    ...mismatches(facts),
    ...facts.bypassers.map(bypassLine),
  ]
  return [...new Set(lines.toSorted((one, other) => one.at.getTime() - other.at.getTime()).map(lineText))]
}

const lineText = ({ at, text }: Line): string => `- ${minuteText(at)} ${text}`

function eventLine(facts: RunbookFacts, event: EventRecord): readonly Line[] {
  const text = TEXTS[event.kind]?.(event, facts)
  if (text === undefined) return []
  const by = BY.has(event.kind) ? `, by ${plain(whoText(facts, event.who))}` : ''
  return [{ at: timeOf(event), text: `${text}${by}` }]
}

/** When a soak began again is a figure: it was seen later. */
function timeOf({ at, figures }: EventRecord): Date {
  const told = typeof figures.at === 'string' ? new Date(figures.at) : at
  return Number.isNaN(told.getTime()) ? at : told
}

type LineText = (event: EventRecord, facts: RunbookFacts) => string | undefined

const TEXTS: Readonly<Record<string, LineText>> = {
  'soak-restarted': ({ figures }, { hosts }) =>
    `the soak began again: ${plain(restartText(String(figures.reason), String(figures.detail), hosts))}`,
  repaired: (event) => {
    const [rows = 0, failed = 0] = [figure(event, 'rows'), figure(event, 'failed')]
    return `repaired ${countText(rows)} rows${failed > 0 ? `, ${countText(failed)} have no value that fits` : ''}`
  },
  'rolled-back': (event) => {
    const { from, to } = event.figures
    const lost = `${countText(figure(event, 'rowsLost') ?? 0)} rows lost`
    return `rolled back from ${plain(String(from))} to ${plain(String(to))} in ${durationText(figure(event, 'ms') ?? 0)}, ${lost}`
  },
  unheld: (event) => `the old column got its name back, in ${durationText(figure(event, 'ms') ?? 0)}, 0 rows lost`,
  'gate-overridden': ({ figures }) => `the gate ${plain(String(figures.gate))} was overridden${because(figures)}`,
  'loss-accepted': ({ figures }) => `what the mapping loses was accepted${because(figures)}`,
  'plan-accepted': ({ figures }) => `a statement that costs more was accepted${because(figures)}`,
  'parity-accepted': ({ figures }) => `the new column goes without ${plain(namesIn(figures))}${because(figures)}`,
  'backfill-paused': ({ figures }) => `the backfill was paused${because(figures)}`,
  restored: (event) => `the old column was restored from the backup, in ${durationText(figure(event, 'ms') ?? 0)}`,
}

/** Where it is a person's doing. */
const BY: ReadonlySet<string> = new Set([
  ...['repaired', 'rolled-back', 'unheld', 'gate-overridden', 'loss-accepted', 'plan-accepted', 'parity-accepted'],
  ...['backfill-paused', 'restored'],
])

const namesIn = ({ names }: EventRecord['figures']): string =>
  Array.isArray(names) ? names.map(String).join(', ') : 'what it lacks'

const because = ({ reason }: EventRecord['figures']): string =>
  typeof reason === 'string' && reason !== '' ? `: ${plain(reason)}` : ''

/** Without names of processes, which have names of machines in them. */
const RESTARTS: Readonly<Record<string, string>> = {
  flag: 'the flag sent reads to the old column',
  'old-read': 'a statement read the old column',
  silent: 'a process stopped reporting without leaving',
  'no-evidence': 'no process was live for a while',
  bypass: 'somebody wrote past the application',
  epoch: 'a new epoch began: a repair, or a change of the phase',
}

const restartText = (reason: string, detail: string, hosts: boolean): string =>
  hosts ? detail : reason === 'mismatch' ? detail : (RESTARTS[reason] ?? reason)

/** Before the backfill was at its end, rows without a value are no mistake. */
function mismatches({ verifications, events }: RunbookFacts): readonly Line[] {
  const filled = events.find(({ kind }) => kind === 'backfill-done')?.at
  return verifications.flatMap(({ clean, counts, rows, endedAt }) => {
    const classes = Object.entries(counts).filter(([, count]) => count > 0)
    const differing = classes.reduce((sum, [, count]) => sum + count, 0)
    const expected = (filled === undefined || endedAt < filled) && classes.every(([name]) => name === 'new_missing')
    if (clean || expected) return []
    const by = classes.map(([name, count]) => `${code(name)} ${countText(count)}`).join(', ')
    return differing === 0
      ? [{ at: endedAt, text: 'verify found the sync trigger off, or another one' }]
      : [{ at: endedAt, text: `${countText(differing)} of ${countText(rows)} rows differed (${by})` }]
  })
}

const bypassLine = ({
  sessionUser,
  application,
  operation,
  wrote,
  samples,
  lastSeen,
}: RunbookFacts['bypassers'][number]): Line => ({
  at: lastSeen,
  text: `${application === '' ? 'a session' : code(application)} as ${code(sessionUser)} wrote past the application (${plain(operation)} of the ${wrote} column, seen ${countText(samples)} ${samples === 1 ? 'time' : 'times'})`,
})
