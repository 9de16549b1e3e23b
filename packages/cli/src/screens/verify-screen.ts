import type { Migration } from '@expand-contract/core'
import type { BypassSample, DifferenceClass, DifferingRow, Verification } from '@expand-contract/runner'
import { countText, durationText, timeText } from '../output/duration.ts'
import { hanging, table } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

export interface VerifyView {
  readonly migration: Migration
  readonly verification: Verification
  /** Who has written one side alone, those who were seen last first. */
  readonly writers: readonly BypassSample[]
  /** Values of the samples, where they were asked for. */
  readonly values?: SampleValues | undefined
}

/** By the row's place among the samples of its class; both sides as text. */
export type SampleValues = Readonly<
  Partial<Record<DifferenceClass, readonly (Readonly<Record<string, string | null>> | undefined)[]>>
>

const names = (side: Migration['old']): string => side.map(({ name }) => name).join(', ')

const MEANINGS: Readonly<Record<DifferenceClass, (old: string, added: string) => string>> = {
  new_missing: (old, added) => `${added} is null, ${old} is not`,
  new_orphan: (old, added) => `${added} is set, ${old} gives null`,
  differs: (old, added) => `both set, ${added} is not forward(${old})`,
  way_back: (old, added) => `in step, but backward(${added}) is not ${old}`,
  unconvertible: (old) => `the mapping fails for ${old}`,
}

const CLASSES = Object.keys(MEANINGS) as readonly DifferenceClass[]

/** `88121, 88122, 90417 ...` */
function keysText(rows: readonly DifferingRow[], total: number): string {
  const shown = rows.slice(0, 3).map(({ key }) => Object.values(key).join('/'))
  return `${shown.join(', ')}${total > shown.length ? ' ...' : ''}`
}

/** The columns of the key: `id`. */
const keyColumns = ({ samples }: Verification): string => {
  const [first] = CLASSES.flatMap((each) => samples[each])
  return first === undefined ? '' : ` (${Object.keys(first.key).join(', ')})`
}

/** Rows that differ, by class and key; no values. */
export function verifyScreen(view: VerifyView, { width }: ScreenOptions): string {
  const { migration, verification } = view
  const { rows, epoch, counts, samples, trigger, clean, ms, stopped, held } = verification
  const differing = CLASSES.reduce((sum, name) => sum + counts[name], 0)
  const [old, added] = [names(migration.old), names(migration.new)]
  const found = CLASSES.filter((name) => counts[name] > 0)
  const classes = table(
    {
      indent: '  ',
      columns: [
        { name: 'CLASS' },
        { name: 'ROWS', align: 'right' },
        { name: 'MEANING', least: 16, wrap: true },
        { name: `SAMPLE KEYS${keyColumns(verification)}`, least: 12 },
      ],
      rows: found.map((name) => [
        name,
        countText(counts[name]),
        MEANINGS[name](old, added),
        keysText(samples[name], counts[name]),
      ]),
    },
    width,
  )
  const said = [
    ...(stopped ? ['Stopped before the end, so it says nothing of the table.'] : []),
    ...(differing > 0
      ? [`[no] ${countText(differing)} of ${countText(rows)} rows differ. The clock of clean passes starts again.`]
      : []),
    ...(trigger.on
      ? []
      : [`[no] The sync trigger is not as it must be: no pass counts as clean. ${trigger.problems[0] ?? ''}`]),
    ...(clean ? ['[ok] No row differs, and the sync trigger was on throughout.'] : []),
    ...(!clean && !stopped && differing === 0 && trigger.on
      ? ['[no] The sync trigger was changed meanwhile: this pass does not count as clean.']
      : []),
  ]
  return [
    hanging(
      '',
      `Verify ${migration.id}, epoch ${epoch}: ${countText(rows)} rows in ${durationText(ms)}${heldText(held)}`,
      width,
    ),
    ...(found.length === 0 ? [] : ['', ...classes, '']),
    ...said.map((line) => hanging('', line, width)),
    ...(differing === 0 ? [] : writersText(view, width)),
    ...valuesText(view, width),
  ].join('\n')
}

/** A snapshot holds back VACUUM as long as it is held. */
const heldText = (held: Verification['held']): string =>
  held === undefined || held.snapshots === 0
    ? ''
    : `, ${countText(held.snapshots)} snapshot${held.snapshots === 1 ? '' : 's'} of at most ${durationText(held.longestMs)}`

/** The sync trigger sees who writes one side alone; a session that fires no triggers it does not see. */
function writersText({ writers }: VerifyView, width: number): readonly string[] {
  const head = 'Who wrote one side alone: '
  if (writers.length === 0) return [hanging(head, 'nobody whom the sync trigger has seen', width)]
  const texts = writers
    .slice(0, 3)
    .map(
      ({ application, sessionUser, operation, wrote, samples, lastSeen }) =>
        `${application === '' ? 'a session' : application} as ${sessionUser}, ${operation} of the ${wrote} side, seen ${countText(samples)} ${samples === 1 ? 'time' : 'times'}, last ${timeText(lastSeen)}`,
    )
  return [hanging(head, texts.join('\n'), width)]
}

function valuesText({ verification: { samples }, values }: VerifyView, width: number): readonly string[] {
  if (values === undefined) return []
  const lines = CLASSES.flatMap((name) =>
    samples[name].map(({ key }, at) => {
      const row = values[name]?.[at]
      const shown =
        row === undefined
          ? 'gone, or not to be read again'
          : Object.entries(row)
              .map(([column, value]) => `${column} = ${value === null ? 'null' : JSON.stringify(value)}`)
              .join('   ')
      return hanging(`  ${name} ${Object.values(key).join('/')}  `, shown, width)
    }),
  )
  return ['', 'Values of the samples, which are recorded nowhere:', ...lines]
}
