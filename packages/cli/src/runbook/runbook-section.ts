import type { RecordedDeclaration } from '@expand-contract/control'
import { COMPARED_HEADS, compare, comparedCells, verdictLines } from '../measure/compare.ts'
import type { Measurement } from '../measure/measurement.ts'
import { plotTitle } from '../measure/plot.ts'
import { byStage, measurementsIn } from '../measure/stages.ts'
import { countText } from '../output/duration.ts'
import { runbookName } from './file-name.ts'
import { code, mdTable, plain } from './markdown.ts'
import { presentLife, type RunbookFacts } from './runbook-facts.ts'
import { STAGE_HEADS, stageCells, stageRows } from './stage-rows.ts'
import { wentWrong } from './went-wrong.ts'

/** What stands between the markers. It says what the timeline says, so that it is the same as long as nothing happens. */
export function runbookSection(facts: RunbookFacts): string {
  const rows = stageRows(facts)
  const wrong = wentWrong(facts)
  return [
    headLine(facts),
    ...(rows.length === 0
      ? []
      : [
          mdTable(
            STAGE_HEADS,
            rows.map((row) => stageCells(facts, row)),
          ),
        ]),
    ...measuredPart(facts),
    wrong.length === 0
      ? 'What went wrong: nothing that the timeline knows of.'
      : `What went wrong:\n\n${wrong.join('\n')}`,
  ].join('\n\n')
}

function headLine(facts: RunbookFacts): string {
  const { declaration, phase } = facts.record
  const columns = (side: RecordedDeclaration['old']): string =>
    Object.entries(side)
      .map(([name, type]) => `${code(`${pathText(declaration)}.${name}`)}${type === null ? '' : ` (${code(type)})`}`)
      .join(' and ')
  const rows = rowsOf(facts)
  const size = rows === undefined ? '' : `, ${largeText(rows)} rows`
  const off = phase === 'off' ? ' It was rolled back, and is off.' : ''
  return `${verbOf(declaration)} ${columns(declaration.old)} to ${columns(declaration.new)}${size}, on ${code(facts.database)}.${off}`
}

const pathText = ({ table: { schema, name } }: RecordedDeclaration): string =>
  schema === null ? name : `${schema}.${name}`

function verbOf({ old, new: added, forward }: RecordedDeclaration): string {
  const [from, to] = [Object.values(old), Object.values(added)]
  if (from.length > 1) return 'Merge'
  if (to.length > 1) return 'Split'
  const same = Object.values(forward).every((mapping) => mapping.startsWith('column '))
  return same && (from[0] ?? to[0]) === to[0] ? 'Rename' : 'Change'
}

/** As they were counted last; an estimate of the server moves by itself. */
function rowsOf(facts: RunbookFacts): number | undefined {
  const pass = facts.verifications.findLast(({ clean }) => clean) ?? facts.verifications.at(-1)
  const filled = presentLife(facts).findLast(({ kind }) => kind === 'backfill-done')?.figures.rows
  return pass?.rows ?? (typeof filled === 'number' ? filled : undefined)
}

const largeText = (count: number): string => (count >= 1e6 ? `${(count / 1e6).toFixed(1)} M` : countText(count))

/** The newest of each stage, where it was measured in two: one alone says nothing. */
export function measuredStages(facts: Pick<RunbookFacts, 'events' | 'record'>): readonly Measurement[] {
  const stages = byStage(measurementsIn(facts.events, presentLife(facts)[0]?.at))
  return stages.length < 2 ? [] : stages
}

export const tableText = ({ record: { declaration } }: Pick<RunbookFacts, 'record'>): string => declaration.table.name

function measuredPart(facts: RunbookFacts): readonly string[] {
  const stages = measuredStages(facts)
  const [before, now] = [stages[0], stages.find(({ stage }) => stage === lastMeasured(facts))]
  if (before === undefined || now === undefined) return []
  const compared = before.stage === now.stage ? [] : compare(before, now)
  const head = [`${code(tableText(facts))}, per statement`, ...COMPARED_HEADS]
  const verdicts = verdictLines({ before: plain(before.stage), now: plain(now.stage), compared })
  return [
    ...(compared.length === 0
      ? []
      : [`Measured in ${plain(before.stage)} and in ${plain(now.stage)}:`, mdTable(head, compared.map(comparedCells))]),
    ...(verdicts.length === 0 ? [] : [verdicts.map(([, text]) => text).join(' ')]),
    `![${plain(plotTitle(tableText(facts), stages))}](${runbookName(facts.record.id)}.svg)`,
  ]
}

/** The stage that was measured last. */
const lastMeasured = ({ events }: Pick<RunbookFacts, 'events'>): unknown =>
  events.findLast(({ kind }) => kind === 'measured')?.figures.stage
