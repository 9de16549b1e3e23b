import type { InstanceRecord, StatementRecord } from '@expand-contract/control'
import type { Phase } from '@expand-contract/core'
import type { DatabaseFacts } from '../database.ts'
import { countText, durationText, timeText } from '../output/duration.ts'
import {
  byTurn,
  differing,
  MARKS,
  type MigrationStatus,
  newReads,
  type StatusFacts,
} from '../status/migration-status.ts'
import { databaseText } from './head.ts'
import { columnsText, kindText } from './mapping-text.ts'

export interface StatusView {
  readonly database: DatabaseFacts
  readonly facts: StatusFacts
  readonly status: MigrationStatus
  readonly statements: readonly StatementRecord[]
  readonly now: Date
  /** All processes and statements, instead of the first. */
  readonly all: boolean
}

const field = (name: string, value: string): string => `${`${name}:`.padEnd(17)}${value}`

const STAGES: readonly (Phase | 'hold' | 'dropped')[] = ['off', 'expand', 'switch', 'contract', 'hold', 'dropped']

/** How long ago, in one unit: `4 d`, `5 h`. */
export const agoText = (then: Date, now: Date): string =>
  durationText(now.getTime() - then.getTime())
    .split(' ')
    .slice(0, 2)
    .join(' ')

/** One migration: what it is, where it stands, what the fleet does. */
export function statusScreen({ database, facts, status, statements, now, all }: StatusView): string {
  const { migration, record, fleet, verification } = facts
  const declaring = fleet.filter(({ declarations }) => declarations[migration.id] !== undefined)
  const share = newReads(migration.id, fleet)
  return [
    field('Name', `${migration.id}    ${kindText(migration)} ${columnsText(migration)}`),
    field('Database', databaseText(database)),
    field('Status', `${MARKS[status.turn]} ${status.state}`),
    field(
      'Phase',
      record === undefined
        ? 'off'
        : `${record.phase} since ${timeText(record.changedAt)} (${agoText(record.changedAt, now)}), by ${record.changedBy}, epoch ${record.epoch}`,
    ),
    field('Stages', STAGES.map((stage) => (stage === status.phase ? stage.toUpperCase() : stage)).join(' -> ')),
    ...(migration.flag === undefined
      ? []
      : [field('Flag', `${migration.flag}${share === undefined ? '' : `   seen ${share.toFixed(1)} %`}`)]),
    ...(verification === undefined
      ? []
      : [
          field(
            'Verified',
            `${status.verified ? '[ok]' : '[  ]'} ${countText(differing(verification))} of ${countText(verification.rows)} rows differ, ${agoText(verification.endedAt, now)} ago, epoch ${verification.epoch}`,
          ),
        ]),
    field('Acknowledged', acknowledgedText(status)),
    '',
    ...fleetTable(migration.id, declaring, { all, now }),
    ...inventoryTable(statements, all),
  ].join('\n')
}

function acknowledgedText({ acknowledged: { processes, missing } }: MigrationStatus): string {
  if (processes === 0) return '[  ] no process has joined the fleet (docs/control-schema.md)'
  return `${missing.length === 0 ? '[ok]' : '[no]'} ${processes - missing.length} of ${processes} processes`
}

function fleetTable(
  id: string,
  fleet: readonly InstanceRecord[],
  { all, now }: { readonly all: boolean; readonly now: Date },
): readonly string[] {
  if (fleet.length === 0) return []
  const shown = all ? fleet : fleet.slice(0, 8)
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (WIDTHS[column] === undefined ? cell : cell.padEnd(WIDTHS[column])))
      .join('')
      .trimEnd()
  return [
    row(['PROCESS', 'VERSION', 'EPOCH', 'OLD READS/S', 'NEW READS/S', 'LAST OLD READ', 'SEEN']),
    ...shown.map(({ id: name, appVersion, acknowledged, reads, ageMs }) => {
      const own = reads[id]
      const last = own?.lastOldAt === undefined ? 'never' : `${agoText(new Date(own.lastOldAt), now)} ago`
      const rates = [own?.oldRate, own?.newRate].map((rate) => (rate === undefined ? '-' : countText(rate)))
      return row([name, appVersion ?? '-', String(acknowledged[id] ?? '-'), ...rates, last, durationText(ageMs)])
    }),
    ...(shown.length < fleet.length ? [`... ${fleet.length - shown.length} more, --verbose shows them`] : []),
  ]
}

const WIDTHS = [24, 12, 7, 13, 13, 15]

function inventoryTable(statements: readonly StatementRecord[], all: boolean): readonly string[] {
  if (statements.length === 0) return []
  const shown = all ? statements : statements.slice(0, 10)
  return [
    '',
    'Statements that stay on the old column, or are refused:',
    ...shown.map(
      ({ kind, reason, outcome, application, count, text }) =>
        `  ${outcome.padEnd(8)} ${reason.padEnd(24)} ${countText(count).padStart(9)} x  ${application}: ${(text ?? kind).replaceAll(/\s+/gu, ' ').slice(0, 60)}`,
    ),
    ...(shown.length < statements.length
      ? [`  ... ${statements.length - shown.length} more, --verbose shows them`]
      : []),
  ]
}

/** All migrations, one line each, those first that wait for you. */
export function statusList(database: DatabaseFacts, all: readonly MigrationStatus[], now: Date): string {
  const count = (turn: MigrationStatus['turn']): number => all.filter((each) => each.turn === turn).length
  const sums = `${count('act')} need you, ${count('may-act')} ready, ${count('working')} work, ${count('waiting')} wait`
  return [
    `${database.name} at ${database.host}, ${all.length} migrations: ${sums}`,
    '',
    `      ${'MIGRATION'.padEnd(24)}${'PHASE'.padEnd(10)}${'SINCE'.padEnd(9)}${'STATE'.padEnd(44)}NEXT`,
    ...all
      .toSorted(byTurn)
      .map(({ turn, id, phase, since, state, next }) =>
        `${MARKS[turn]}  ${id.padEnd(24)}${phase.padEnd(10)}${(since === undefined ? '-' : agoText(since, now)).padEnd(9)}${state.padEnd(44)}${next}`.trimEnd(),
      ),
    '',
    'Details: expand-contract status <migration>',
  ].join('\n')
}
