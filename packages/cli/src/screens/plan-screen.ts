import type { Migration } from '@expand-contract/core'
import { type Action, describeActions } from '@expand-contract/runner'
import type { DatabaseFacts } from '../database.ts'
import type { PlannedHazards } from '../doctor/planned-hazards.ts'
import { bytesText, countText, durationText } from '../output/duration.ts'
import { hazardLines } from './hazard-lines.ts'
import { databaseText } from './head.ts'
import { laterStages, type PlannedCosts } from './later-stages.ts'
import { hanging, table } from './layout.ts'
import { columnsText, kindText } from './mapping-text.ts'
import type { PlanLine, PlannedTable } from './plan-line.ts'
import { planStep } from './plan-step.ts'
import type { ScreenOptions } from './screen.ts'

export interface PlannedStage {
  readonly name: string
  readonly actions: readonly Action[]
  /** It waits for the backfill. @defaultValue false */
  readonly later?: boolean
}

export interface PlanView {
  readonly migration: Migration
  readonly database: DatabaseFacts
  readonly stages: readonly PlannedStage[]
  readonly table?: PlannedTable | undefined
  /** Stages that other commands bring later are listed behind these. @defaultValue false */
  readonly whole?: boolean | undefined
  /** Said below the table. @defaultValue that nothing was changed */
  readonly ending?: string | undefined
  /** What doctor says; undefined: it was not asked. */
  readonly hazards?: PlannedHazards | undefined
  /** What later stages will ask for. @defaultValue not said */
  readonly costs?: Omit<PlannedCosts, 'freeBytes'> | undefined
}

/** What will be done, with the lock that each step takes and about how long. */
export function planScreen(view: PlanView, { width }: ScreenOptions): string {
  const {
    migration,
    database,
    stages,
    table: found,
    whole = false,
    ending = 'Nothing was changed.',
    hazards,
    costs,
  } = view
  const planned = stages.flatMap(stageLines)
  const following = whole ? laterStages(migration, found, { ...costs, freeBytes: hazards?.freeBytes }) : []
  const behind = following.findIndex(({ stage }) => stage === 'verify')
  const lines = [
    ...stages.filter(({ later }) => later !== true).flatMap(stageLines),
    ...following.slice(0, Math.max(0, behind)),
    ...stages.filter(({ later }) => later === true).flatMap(stageLines),
    ...following.slice(Math.max(0, behind)),
  ]
  const count = (sign: string, of: readonly PlanLine[]): number => of.filter((line) => line.sign === sign).length
  const drops = count('-', lines)
  const last = drops > 0 && count('-', planned) === 0 ? ' (at the very end)' : ''
  const figures = found === undefined ? '' : `; ${tableText(found)}`
  const head = `${kindText(migration)} ${columnsText(migration)}${typeText(migration)}, the application writes the ${migration.app} side`
  return [
    hanging('', `Plan for ${migration.id}: ${head}`, width),
    hanging('', `${databaseText(database)}${figures}`, width),
    '',
    ...table(
      {
        indent: '  ',
        columns: [
          { name: 'STAGE' },
          { name: 'STEP', least: 24, wrap: true },
          { name: `LOCK ON ${migration.table.name}`, least: 16 },
          { name: 'ABOUT', least: 9 },
        ],
        rows: lines.map(({ stage, sign, text, lock, about }) => [stage, `${sign} ${text}`, lock, about]),
      },
      width,
    ),
    '',
    `Plan: ${count('+', lines)} to add, ${count('~', lines)} to change, ${drops} to drop${last}. ${ending}`.trimEnd(),
    ...(hazards === undefined ? [] : hazardLines(migration.id, hazards, width)),
  ].join('\n')
}

const typeText = ({ new: added }: Migration): string => {
  const types = added.flatMap(({ type }) => (type === undefined ? [] : [type]))
  return types.length === 0 ? '' : ` (${types.join(', ')})`
}

const tableText = ({ name, rows, bytes }: PlannedTable): string =>
  `${name}: ${rows < 0 ? 'rows not known, never analyzed' : `${countText(rows)} rows`}, ${bytesText(bytes)}`

function stageLines({ name, actions }: PlannedStage): readonly PlanLine[] {
  if (actions.length === 0) return [{ stage: name, sign: ' ', text: 'nothing is missing', lock: 'none', about: '' }]
  const lines: (PlanLine & { readonly key: string; more: number })[] = []
  let group: string | undefined
  for (const action of actions) {
    const { transaction } = action
    const begins = transaction === undefined || transaction !== group
    group = transaction
    const together = actions.filter((other) => other.transaction === transaction).length > 1
    const about = transaction !== undefined && together ? (begins ? 'one transaction' : '') : estimateText(action)
    const step = planStep(action)
    const key = `${step.sign} ${step.text.split(' ')[0]} ${action.lock} ${transaction}`
    const last = lines.at(-1)
    // A table of a hundred partitions has a trigger on each.
    if (last?.key === key && transaction !== undefined) last.more += 1
    else lines.push({ ...step, key, more: 0, stage: lines.length === 0 ? name : '', lock: lockText(action), about })
  }
  return lines.map(({ key: _, more, ...line }) =>
    more === 0 ? line : { ...line, text: `${line.text} and ${more} more` },
  )
}

const lockText = ({ lock, estimate }: Action): string =>
  lock === 'ACCESS EXCLUSIVE' && estimate.kind === 'instant' ? `${lock}, < 10 ms` : lock

/** A scan of a table in memory and on disk, in bytes per second: what a middling server reads beside its work. */
const SCAN = 200e6

function estimateText({ estimate }: Action): string {
  if (estimate.kind === 'open') return 'until then'
  if (estimate.kind === 'scan' && estimate.bytes > SCAN) return durationText((estimate.bytes / SCAN) * 1_000)
  return '< 1 s'
}

/** The same as a script that psql runs; remarks are comments. */
export const planSql = (stages: readonly PlannedStage[]): string =>
  `${stages.map(({ name, actions }) => `-- ${name}\n${describeActions(actions)}`).join('\n\n')}\n`
