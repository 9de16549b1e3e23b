import type { DoctorFinding, DoctorReport } from '@expand-contract/runner'

/** What doctor says ahead of `expand`, of one migration and of the server. */
export interface PlannedHazards {
  /** Errors first. What `expand` puts right itself is none. */
  readonly findings: readonly Pick<DoctorFinding, 'code' | 'level' | 'what' | 'stops'>[]
  /** Of the volume of the server; undefined where it is another machine's. */
  readonly freeBytes: number | undefined
}

export function hazardsOf(report: DoctorReport, id: string): PlannedHazards {
  const groups = report.groups.filter(({ migration }) => migration === undefined || migration === id)
  const own = groups.toSorted(
    (one, other) => Number(one.migration === undefined) - Number(other.migration === undefined),
  )
  const findings = own
    .flatMap((group) => group.findings)
    .filter(({ mendedByExpand }) => mendedByExpand !== true)
    .map(({ code, level, what, stops }) => ({ code, level, what, stops }))
  const errors = findings.filter(({ level }) => level === 'error')
  const warnings = findings.filter(({ level }) => level === 'warning')
  return { findings: [...errors, ...warnings], freeBytes: report.disk.freeBytes }
}

/** `0 errors, 1 warning`. */
export const hazardCounts = (findings: readonly Pick<DoctorFinding, 'level'>[]): string =>
  (['error', 'warning'] as const)
    .map((name) => {
      const count = findings.filter(({ level }) => level === name).length
      return `${count} ${name}${count === 1 ? '' : 's'}`
    })
    .join(', ')
