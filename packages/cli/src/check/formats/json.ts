import { lineAndColumn } from '../finding.ts'
import { type CheckReport, count } from '../report.ts'

/** The `result` of the JSON: places by line and column, from 1 on. */
export const jsonReport = (report: CheckReport) => ({
  files: report.files,
  older: report.older,
  errors: count(report, 'error'),
  warnings: count(report, 'warning'),
  findings: report.findings.map(({ rule, level, message, place, note, help }) => {
    const [from, to] = [lineAndColumn(place.text, place.start), lineAndColumn(place.text, place.end)]
    return { rule, level, message, file: place.file, ...from, endLine: to.line, endColumn: to.column, note, help }
  }),
})
