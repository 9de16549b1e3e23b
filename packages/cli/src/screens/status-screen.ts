import type { StatementRecord } from '@expand-contract/control'
import { type Phase, shellWord } from '@expand-contract/core'
import { type BypassSample, type HiddenReader, hiddenLine } from '@expand-contract/runner'
import type { Gate } from '../command.ts'
import type { DatabaseFacts } from '../database.ts'
import { countText, durationText, pastText, timeText } from '../output/duration.ts'
import { PHASE_ORDER } from '../phase-order.ts'
import { differing, MARKS, type MigrationStatus, newReads, type StatusFacts } from '../status/migration-status.ts'
import { bypassText } from './bypass-text.ts'
import { fleetTable } from './fleet-table.ts'
import { blocksScreen } from './gates-screen.ts'
import { databaseText } from './head.ts'
import { hanging, table } from './layout.ts'
import { columnsText, kindText } from './mapping-text.ts'
import type { ScreenOptions } from './screen.ts'

export interface StatusView {
  readonly database: DatabaseFacts
  readonly facts: StatusFacts
  readonly status: MigrationStatus
  /** Who has written one side alone; undefined: there is no trigger that would see it, or the role may not read it. */
  readonly writers: readonly BypassSample[] | undefined
  /** Rows that they wrote, as the trigger has counted. @defaultValue not known */
  readonly bypassed?: number | undefined
  /** Who would fail once the old column is set aside. @defaultValue nobody is known */
  readonly hidden?: readonly HiddenReader[]
  /** What the new column goes without, as somebody has accepted it, and why. @defaultValue nothing */
  readonly without?: readonly string[]
  /** Of the stage that comes next; undefined: there is none that asks for any. */
  readonly gates: { readonly to: string; readonly gates: readonly Gate[] } | undefined
  /** undefined: they were not asked for. */
  readonly statements: readonly StatementRecord[] | undefined
  readonly now: Date
  /** All processes and statements, instead of the first. */
  readonly all: boolean
}

const WAYS_BACK: Readonly<Record<Phase, (id: string, flag: string | undefined) => string>> = {
  off: () => 'nothing has begun',
  expand: (id) => `expand-contract rollback ${shellWord(id)}: the new column goes, 0 rows lost`,
  switch: (id, flag) =>
    flag === undefined
      ? `expand-contract rollback ${shellWord(id)}: reads are of the old column already`
      : `turn the flag ${flag} off: no deploy, nothing lost`,
  contract: (id) => `expand-contract rollback ${shellWord(id)}`,
  hold: (id) => `expand-contract unhold ${shellWord(id)}`,
  dropped: () => 'a restore from the backup',
}

/** One migration: what it is, where it stands, what the fleet does, what blocks the next stage. */
export function statusScreen(view: StatusView, options: ScreenOptions): string {
  const { database, facts, status, gates, now, all, hidden = [], without = [] } = view
  const { width } = options
  const { migration, record, fleet } = facts
  const declaring = fleet.filter(({ declarations }) => declarations[migration.id] !== undefined)
  const field = (name: string, value: string): string => hanging(`${name}:`.padEnd(17), value, width)
  return [
    field('Name', `${migration.id}    ${kindText(migration)} ${columnsText(migration)}`),
    field('Database', databaseText(database)),
    field('Status', `${MARKS[status.turn]} ${status.state}`),
    field('Phase', phaseText(view)),
    field('Stages', PHASE_ORDER.map((stage) => (stage === status.phase ? stage.toUpperCase() : stage)).join(' -> ')),
    ...flagText(facts).map((text) => field('Flag', text)),
    ...verifiedText(view).map((text) => field('Verified', text)),
    ...gateText(view, 'soak').map((text) => field('Soak', text)),
    ...gateText(view, 'held').map((text) => field('Held', text)),
    ...bypassText(view).map((text) => field('Bypassing', text)),
    ...without.map((text) => field('Without', text)),
    ...hidden.slice(0, all ? hidden.length : 5).map((each) => field('Would fail', `[! ] ${hiddenLine(each)}`)),
    field('Acknowledged', acknowledgedText(status)),
    ...fleetTable({ id: migration.id, fleet: declaring, epoch: record?.epoch, phase: status.phase, all, now }, options),
    ...(gates === undefined ? [] : ['', blocksScreen(gates, options)]),
    ...statementsTable(view, options),
    '',
    hanging('Way back:  ', WAYS_BACK[status.phase](migration.id, migration.flag), width),
  ].join('\n')
}

function phaseText({ facts: { record }, now }: StatusView): string {
  if (record === undefined) return 'off'
  const { phase, changedAt, changedBy, epoch } = record
  return `${phase} since ${timeText(changedAt)} (${durationText(now.getTime() - changedAt.getTime())}), by ${changedBy}, epoch ${epoch}`
}

function flagText({ migration, fleet }: StatusFacts): readonly string[] {
  if (migration.flag === undefined) return []
  const share = newReads(migration.id, fleet)
  return [`${migration.flag}${share === undefined ? '' : `   seen ${share.toFixed(1)} %`}`]
}

/** A gate that tells how long something has lasted, also where it is met. */
const gateText = ({ gates }: StatusView, id: string): readonly string[] =>
  (gates?.gates ?? []).filter((gate) => gate.id === id).map(({ ok, detail }) => `${ok ? '[ok]' : '[  ]'} ${detail}`)

function verifiedText({ facts: { verification, passes }, status, now }: StatusView): readonly string[] {
  if (verification === undefined) return []
  const wrong = differing(verification)
  const mark = status.verified ? '[ok]' : wrong > 0 ? '[no]' : '[  ]'
  const over = status.verified || wrong > 0 ? '' : ', not of this epoch, or not clean'
  const every =
    passes === undefined || passes.count < 2
      ? ''
      : `, the last of ${countText(passes.count)} clean passes since ${timeText(passes.since)}`
  return [
    `${mark} ${countText(wrong)} of ${countText(verification.rows)} rows differ, ${pastText(verification.endedAt, now)}, epoch ${verification.epoch}${over}${every}`,
  ]
}

function acknowledgedText({ acknowledged: { processes, missing } }: MigrationStatus): string {
  if (processes === 0) return '[  ] no process has joined the fleet (docs/control-schema.md)'
  return `${missing.length === 0 ? '[ok]' : '[no]'} ${processes - missing.length} of ${processes} processes`
}

function statementsTable({ statements, all }: StatusView, { width }: ScreenOptions): readonly string[] {
  if (statements === undefined) return []
  if (statements.length === 0) return ['', '[ok] no statement stays on the old column or is refused']
  const shown = all ? statements : statements.slice(0, 10)
  return [
    '',
    'Statements that stay on the old column, or are refused:',
    ...table(
      {
        indent: '  ',
        columns: [
          { name: 'OUTCOME' },
          { name: 'WHY', least: 10 },
          { name: 'TIMES', align: 'right' },
          { name: 'APPLICATION', least: 8 },
          { name: 'STATEMENT', least: 20 },
        ],
        rows: shown.map(({ kind, reason, outcome, application, count, text }) => [
          ...[outcome, reason === '' ? '-' : reason, countText(count), application],
          (text ?? kind).replaceAll(/\s+/gu, ' '),
        ]),
      },
      width,
    ),
    ...(shown.length < statements.length ? [`  ... ${statements.length - shown.length} more, --all shows them`] : []),
  ]
}
