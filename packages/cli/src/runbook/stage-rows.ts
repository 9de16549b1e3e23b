import type { EventRecord } from '@expand-contract/control'
import { bytesText, countText, durationText } from '../output/duration.ts'
import { plain } from './markdown.ts'
import { figure, minuteText, presentLife, type RunbookFacts, whoText } from './runbook-facts.ts'

/** One row of the table of stages. */
export interface StageRow {
  readonly stage: string
  readonly from: Date
  readonly took: string
  readonly who: string
  readonly figures: readonly string[]
  readonly wayBack: string
}

export const STAGE_HEADS = ['stage', 'from (UTC)', 'took', 'by', 'figures', 'way back, measured'] as const

export const stageCells = (facts: RunbookFacts, row: StageRow): readonly string[] => [
  ...[row.stage, minuteText(row.from), row.took, plain(whoText(facts, row.who))],
  ...[row.figures.join(', '), row.wayBack],
]

/** The stages that were reached since the migration began, in their order; of one that was gone through twice the last time. */
export function stageRows(facts: RunbookFacts): readonly StageRow[] {
  const life = presentLife(facts)
  return [
    ...expandRow(facts, life),
    ...backfillRow(life),
    ...parityRow(life),
    ...verifyRow(facts, life),
    ...phaseRow(facts, life, { stage: 'switch', ended: 'switched' }),
    ...phaseRow(facts, life, { stage: 'contract', ended: 'contracted' }),
    ...phaseRow(facts, life, { stage: 'hold', ended: 'held' }),
    ...backupRow(facts, life),
    ...dropRow(facts, life),
  ]
}

const last = (events: readonly EventRecord[], kind: string): EventRecord | undefined =>
  events.findLast((event) => event.kind === kind)

const msText = (ms: number | undefined): string => (ms === undefined ? '' : durationText(ms))

/** An event is written when it is over. */
const begunAt = (event: EventRecord): Date => new Date(event.at.getTime() - (figure(event, 'ms') ?? 0))

const entered = (events: readonly EventRecord[], operation: string): EventRecord | undefined =>
  events.findLast(({ kind, figures }) => kind === 'phase' && figures.operation === operation)

function lockText(event: EventRecord | undefined): readonly string[] {
  if (event === undefined) return []
  const [locked, tries] = [figure(event, 'lockedMs'), figure(event, 'tries')]
  return [
    ...(locked === undefined ? [] : [`lock ${durationText(locked)}`]),
    ...(tries === undefined ? [] : [`${countText(tries)} ${tries === 1 ? 'try' : 'tries'}`]),
  ]
}

function expandRow(facts: RunbookFacts, life: readonly EventRecord[]): readonly StageRow[] {
  const [begun, ended] = [entered(life, 'expand'), life.find(({ kind }) => kind === 'expanded')]
  const first = ended ?? begun
  if (first === undefined) return []
  return [
    {
      ...{ stage: 'expand', from: begunAt(first), who: first.who, took: msText(figure(first, 'ms')) },
      ...{ figures: lockText(ended), wayBack: wayBackFrom(facts, 'expand') },
    },
  ]
}

/** Several runs are one backfill: each says how many rows were filled so far. */
function backfillRow(life: readonly EventRecord[]): readonly StageRow[] {
  const runs = life.filter((event) => /^backfill-/u.test(event.kind) && figure(event, 'rows') !== undefined)
  const [first, newest] = [runs[0], runs.at(-1)]
  if (first === undefined || newest === undefined) return []
  const total = (name: string): number => runs.reduce((sum, run) => sum + (figure(run, name) ?? 0), 0)
  const [ms, waited, rows, failed] = [
    ...[total('ms'), total('waitedMs')],
    ...[figure(newest, 'rows') ?? 0, figure(newest, 'failedRows') ?? 0],
  ] as const
  const working = Math.max(ms - waited, 1)
  return [
    {
      ...{ stage: 'backfill', from: begunAt(first), took: durationText(ms), who: first.who, wayBack: '' },
      figures: [
        `${countText(rows)} rows`,
        `${countText((rows * 1_000) / working)} rows/s`,
        ...(waited >= 1_000 ? [`waited ${durationText(waited)}`] : []),
        ...(runs.length > 1 ? [`${runs.length} runs`] : []),
        ...(failed > 0 ? [`${countText(failed)} rows without a value`] : []),
        ...(newest.kind === 'backfill-done' ? [] : ['not at its end']),
      ],
    },
  ]
}

function parityRow(life: readonly EventRecord[]): readonly StageRow[] {
  const event = last(life, 'parity')
  if (event === undefined) return []
  const statements = figure(event, 'statements')
  return [
    {
      ...{ stage: 'indexes and constraints', from: begunAt(event), took: msText(figure(event, 'ms')), who: event.who },
      figures:
        statements === undefined ? [] : [`${countText(statements)} ${statements === 1 ? 'statement' : 'statements'}`],
      wayBack: '',
    },
  ]
}

function verifyRow({ verifications }: RunbookFacts, life: readonly EventRecord[]): readonly StageRow[] {
  const begun = life[0]?.at
  const pass = verifications.at(-1)
  if (pass === undefined || (begun !== undefined && pass.endedAt < begun)) return []
  const differing = Object.values(pass.counts).reduce((sum, each) => sum + each, 0)
  return [
    {
      ...{ stage: 'verify', from: pass.startedAt, who: pass.who, wayBack: '' },
      took: durationText(pass.endedAt.getTime() - pass.startedAt.getTime()),
      figures: [
        `${countText(differing)} of ${countText(pass.rows)} differ`,
        ...(pass.clean || differing > 0 ? [] : ['the trigger was not on throughout']),
      ],
    },
  ]
}

interface PhaseStage {
  readonly stage: 'switch' | 'contract' | 'hold'
  /** The event that has the figures of the step. */
  readonly ended: string
}

function phaseRow(
  facts: RunbookFacts,
  life: readonly EventRecord[],
  { stage, ended }: PhaseStage,
): readonly StageRow[] {
  const entry = entered(life, stage)
  if (entry === undefined) return []
  const after = life.filter(({ id }) => id > entry.id)
  const left = after.findLast(({ kind, figures }) => kind === 'phase' && figures.from === stage && figures.to !== stage)
  const back = left !== undefined && ['rollback', 'unhold'].includes(String(left.figures.operation))
  const running = facts.record.phase === stage || left === undefined
  const step = after.find(({ kind }) => kind === ended)
  return [
    {
      ...{ stage, from: entry.at, who: entry.who, wayBack: wayBackFrom(facts, stage) },
      took: running ? 'running' : `${durationText(left.at.getTime() - entry.at.getTime())}${back ? ', then back' : ''}`,
      figures: [...lockText(step), ...(stage === 'switch' ? soakFigures(facts, after) : [])],
    },
  ]
}

function soakFigures({ record, soaked }: RunbookFacts, after: readonly EventRecord[]): readonly string[] {
  const restarts = after.filter(({ kind }) => kind === 'soak-restarted').length
  return [
    ...(record.phase === 'switch' && soaked !== undefined ? [`soak until ${minuteText(soaked)}`] : []),
    ...(restarts > 0 ? [`soak began again ${countText(restarts)} ${restarts === 1 ? 'time' : 'times'}`] : []),
  ]
}

/** The newest one of this life; one that was restored and is equal counts before others. */
function backupRow({ backups }: RunbookFacts, life: readonly EventRecord[]): readonly StageRow[] {
  const begun = life[0]?.at
  const ours = backups.filter(({ takenAt }) => begun === undefined || takenAt >= begun)
  const backup = ours.findLast(({ equal }) => equal === true) ?? ours.at(-1)
  if (backup === undefined) return []
  const compared = backup.restoredAt === undefined ? 'not restored yet' : backup.equal ? 'equal' : 'not equal'
  const ms = typeof backup.figures.ms === 'number' ? backup.figures.ms : undefined
  return [
    {
      ...{ stage: 'backup', from: backup.takenAt, took: msText(ms), who: backup.who, wayBack: '' },
      figures: [
        `${countText(backup.rows)} rows`,
        ...(backup.bytes > 0 ? [bytesText(backup.bytes)] : []),
        backup.restoredAt === undefined ? compared : `restored and compared: ${compared}`,
      ],
    },
  ]
}

function dropRow(facts: RunbookFacts, life: readonly EventRecord[]): readonly StageRow[] {
  const entry = entered(life, 'drop')
  if (entry === undefined) return []
  const step = life.find(({ id, kind }) => id > entry.id && kind === 'dropped')
  const restored = last(facts.events, 'restored')
  const rows = restored === undefined ? undefined : figure(restored, 'rows')
  return [
    {
      ...{ stage: 'drop', from: entry.at, who: entry.who, figures: lockText(step) },
      took: msText(step && figure(step, 'ms')),
      wayBack:
        restored === undefined
          ? ''
          : ['restore', msText(figure(restored, 'ms')), rows === undefined ? '' : `, ${countText(rows)} rows`]
              .filter((part) => part !== '')
              .join(' ')
              .replace(' ,', ','),
    },
  ]
}

/** What the last way back from a phase took, in any life of the migration. */
function wayBackFrom({ events }: RunbookFacts, phase: string): string {
  const back = events.findLast(
    ({ kind, figures }) => (kind === 'rolled-back' || kind === 'unheld') && figures.from === phase,
  )
  if (back === undefined) return ''
  const [ms, lost, left] = [figure(back, 'ms'), figure(back, 'rowsLost'), figure(back, 'notBroughtBack') ?? 0]
  return [
    `${back.kind === 'unheld' ? 'unhold' : 'rollback'} ${msText(ms)}`.trim(),
    ...(lost === undefined ? [] : [`${countText(lost)} rows lost`]),
    ...(left > 0 ? [`${countText(left)} not brought back`] : []),
  ].join(', ')
}
