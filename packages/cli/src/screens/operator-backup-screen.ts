import type { OwnBackupTaken } from '@expand-contract/runner'
import { bytesText, countText, durationText } from '../output/duration.ts'
import { hanging } from './layout.ts'
import type { Screen, ScreenOptions } from './screen.ts'

export interface OperatorLinesView {
  readonly id: string
  readonly lines: { readonly command: string; readonly restore: string; readonly timeoutMs: number | undefined }
  /** They are about to be run. */
  readonly asks: boolean
}

/** The commands that an operator has given, before they are run. */
export function operatorLinesScreen({ id, lines, asks }: OperatorLinesView, { width }: ScreenOptions): string {
  const line = (name: string, text: string): string => hanging(`  ${name.padEnd(13)}`, text, width)
  return [
    hanging(
      '',
      `${asks ? 'This runs' : 'Would run'} your own commands for a backup of ${id}, in a shell on this machine:`,
      width,
    ),
    '',
    line('makes it', lines.command),
    line('gives back', lines.restore),
    line('then', 'every row that comes back is compared with the table'),
    ...(lines.timeoutMs === undefined ? [] : [line('each within', durationText(lines.timeoutMs))]),
  ].join('\n')
}

export interface OperatorBackupView {
  readonly id: string
  readonly taken: OwnBackupTaken
  readonly key: readonly string[]
}

export const operatorBackupScreen =
  ({ id, taken, key }: OperatorBackupView): Screen =>
  ({ width }) => {
    const { rows, bytes, comparison, faults, makeMs, restoreMs, compareMs, record } = taken
    const { same, other, changed, added, gone } = comparison
    const line = (name: string, text: string): string => hanging(`  ${name.padEnd(13)}`, text, width)
    const moved = other + changed + added + gone - faults
    const since = moved === 0 ? '' : `; ${countText(moved)} were changed while it was made, which is no fault of it`
    return [
      `${faults === 0 ? '[ok]' : '[no]'} ${faults === 0 ? 'Backed up' : 'Not a backup of'} ${id}${faults === 0 ? ' by your own command' : ': its rows are not those of the table'}`,
      '',
      line('made', `in ${durationText(makeMs)}`),
      line('given back', `${countText(rows)} rows, ${bytesText(bytes)} of text, in ${durationText(restoreMs)}`),
      line('key', key.join(', ')),
      line('compared', `row by row in ${durationText(compareMs)}: ${countText(same)} rows the same${since}`),
      ...(faults === 0
        ? []
        : [
            line(
              '',
              `${countText(faults)} rows are missing, too many, or have other values, though nobody changed them meanwhile`,
            ),
          ]),
      line('fingerprint', record.sha256 ?? ''),
      '',
      hanging(
        '',
        `\`restore\` asks for the command that gives the rows back, and takes these rows alone. It is recorded without secrets: ${record.evidence ?? ''}`,
        width,
      ),
    ].join('\n')
  }
