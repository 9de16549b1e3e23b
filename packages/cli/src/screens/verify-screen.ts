import type { DifferenceClass, DifferingRow, Verification } from '@expand-contract/runner'
import { countText, durationText } from '../output/duration.ts'

const MEANINGS: Readonly<Record<DifferenceClass, string>> = {
  new_missing: 'the new column is null, and should not be',
  new_orphan: 'the new column has a value, and should be null',
  differs: 'both are set, and the new one is another value',
  way_back: 'in step, but the old value does not come back',
  unconvertible: 'the mapping fails for the row',
}

/** `88121, 88122, 90417 ...` */
function keysText(rows: readonly DifferingRow[], total: number): string {
  const shown = rows.slice(0, 3).map(({ key }) => Object.values(key).join('/'))
  return `${shown.join(', ')}${total > shown.length ? ' ...' : ''}`
}

export function verifyScreen(
  id: string,
  { rows, epoch, counts, samples, trigger, clean, ms, stopped }: Verification,
): string {
  const classes = (Object.keys(MEANINGS) as DifferenceClass[]).filter((name) => counts[name] > 0)
  const differing = classes.reduce((sum, name) => sum + counts[name], 0)
  const table =
    classes.length === 0
      ? []
      : [
          '',
          `  ${'CLASS'.padEnd(14)}${'ROWS'.padStart(8)}  ${'MEANING'.padEnd(48)} SAMPLE KEYS`,
          ...classes.map(
            (name) =>
              `  ${name.padEnd(14)}${countText(counts[name]).padStart(8)}  ${MEANINGS[name].padEnd(48)} ${keysText(samples[name], counts[name])}`,
          ),
          '',
        ]
  return [
    `Verify ${id}, epoch ${epoch}: ${countText(rows)} rows in ${durationText(ms)}`,
    ...table,
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
  ].join('\n')
}
