import type { BackupComparison, BackupSummary } from '@expand-contract/runner'
import { bytesText, countText, durationText } from '../output/duration.ts'
import { keylessLimit } from './keyless-limit.ts'
import { hanging } from './layout.ts'
import type { Screen } from './screen.ts'

export interface BackupView {
  readonly id: string
  /** As the command was given it. */
  readonly path: string
  /** It was taken earlier, and compared with the table of now. */
  readonly checked: boolean
  readonly ok: boolean
  readonly summary: BackupSummary
  readonly comparison: BackupComparison
  readonly compareMs: number
  readonly copyMs: number | undefined
}

/** What was copied, and that it was restored and compared. */
export const backupScreen =
  ({ id, path, checked, ok, summary, comparison, compareMs, copyMs }: BackupView): Screen =>
  ({ width }) => {
    const { header, trailer, fileBytes } = summary
    const line = (name: string, text: string): string => hanging(`  ${name.padEnd(11)}`, text, width)
    const { same, other, changed, added, gone } = comparison
    const since = [
      ...(changed > 0 ? [`${countText(changed)} changed`] : []),
      ...(added > 0 ? [`${countText(added)} came`] : []),
      ...(gone > 0 ? [`${countText(gone)} went`] : []),
    ]
    const moved = since.length === 0 ? 'equal' : `equal; ${since.join(', ')} since, which is no fault of it`
    const verdict = other === 0 ? moved : `${countText(other)} have another old value by now: take a new backup`
    return [
      `${ok ? '[ok]' : '[! ]'} ${checked ? 'Compared' : 'Backed up'} ${id}`,
      '',
      line(
        'file',
        `${path}, ${countText(trailer.rows)} rows, ${bytesText(fileBytes)} (${bytesText(trailer.bytes)} of text)`,
      ),
      ...(header.whole === undefined
        ? [line('key', header.key.map(({ name }) => name).join(', '))]
        : [line('no key', keylessLimit(comparison.uncertain ?? 0, trailer.rows))]),
      ...(copyMs === undefined ? [] : [line('copied', `in ${durationText(copyMs)}, in one snapshot`)]),
      line('restored', `from the disk into a scratch table, and compared row by row in ${durationText(compareMs)}`),
      line('', `${countText(same)} rows the same: ${verdict}`),
      line('sha256', summary.fileSha256),
      '',
      hanging('', 'It holds values of rows: keep it where backups are kept, and not in a repository.', width),
    ].join('\n')
  }
