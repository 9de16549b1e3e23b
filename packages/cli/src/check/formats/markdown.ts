import { lineAndColumn } from '../finding.ts'
import { type CheckReport, summaryOf } from '../report.ts'

/** GitHub takes a summary of 1 MiB for each step: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
const LIMIT = 1_000_000

/** A table, for the summary of a job or a comment. */
export function markdownReport(report: CheckReport): string {
  const head = ['### expand-contract check', '', `${summaryOf(report)}.`, '']
  if (report.findings.length === 0) return head.join('\n')
  const rows = report.findings.map(({ rule, level, message, place, note, help }) => {
    const { line } = lineAndColumn(place.text, place.start)
    return `| ${[level, `\`${rule}\``, `\`${place.file}:${line}\``, message, note ?? '', help].map(cell).join(' | ')} |`
  })
  const table = ['| | rule | where | what | known | what to do |', '|---|---|---|---|---|---|']
  const kept: string[] = []
  let size = [...head, ...table].join('\n').length
  for (const row of rows) {
    size += Buffer.byteLength(row) + 1
    if (size > LIMIT) break
    kept.push(row)
  }
  const more = rows.length - kept.length
  return [...head, ...table, ...kept, ...(more === 0 ? [] : ['', `And ${more} more.`])].join('\n')
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
