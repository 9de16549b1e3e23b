import type { Finding } from './finding.ts'

/** What every format prints. */
export interface CheckReport {
  /** Errors first, then by file and line. */
  readonly findings: readonly Finding[]
  /** Migration files of the change that were read. */
  readonly files: number
  /** Migration files that the change leaves alone. */
  readonly older: number
}

export const count = (report: CheckReport, level: Finding['level']): number =>
  report.findings.filter((each) => each.level === level).length

export const sortFindings = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted(
    (a, b) =>
      Number(a.level === 'warning') - Number(b.level === 'warning') ||
      (a.place.file < b.place.file ? -1 : a.place.file > b.place.file ? 1 : 0) ||
      a.place.start - b.place.start,
  )

const plural = (many: number, word: string): string => `${many} ${word}${many === 1 ? '' : 's'}`

/** `4 files of this change, 210 older ones not looked at: 1 error, 1 warning` */
export const summaryOf = (report: CheckReport): string =>
  `${plural(report.files, 'migration file')} of this change, ${report.older} older not looked at: ${
    report.findings.length === 0
      ? 'nothing found'
      : `${plural(count(report, 'error'), 'error')}, ${plural(count(report, 'warning'), 'warning')}`
  }`
