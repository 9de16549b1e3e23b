import { type Difference, type Measured, THROUGH } from './interleave.ts'
import { PARSING_ALONE, type Result, type Target } from './scenario.ts'
import type { Spread } from './spread.ts'
import { alignedTable, judge, quartiles } from './table.ts'

const HEADS = [
  '',
  'median us',
  'difference us',
  '(quartiles)',
  '%',
  '(quartiles)',
  'target',
  'client cpu us',
  'difference us',
  '(quartiles)',
]

/** The figures as a table, with a line for each variant. */
export function resultTable(results: readonly Result[]): string {
  const lines: string[][] = [HEADS]
  let group: string | undefined
  for (const result of results) {
    if (result.group !== group) lines.push([''], [result.group.toUpperCase()])
    group = result.group
    lines.push([result.name])
    for (const [index, variant] of result.variants.entries())
      lines.push(variantLine(variant, index === 0, limitsOf(result)))
    const { comparisons, notBefore } = result
    for (const comparison of comparisons)
      lines.push([`    ${comparison.name}`, '', ...differenceCells(comparison), '', '', ...cpuCells(comparison)])
    if (notBefore !== undefined) lines.push([`    not measured before: ${notBefore}`])
  }
  return alignedTable(lines)
}

function variantLine(measured: Measured, isBase: boolean, target?: Target): string[] {
  const { name, us, cpuUs, differenceUs, differencePercent } = measured
  const label = `    ${name}`
  const cpu = Number.isNaN(cpuUs.median) ? '' : cpuUs.median.toFixed(1)
  if (isBase || name === PARSING_ALONE) return [label, us.median.toFixed(1), '', '', '', '', '', cpu]
  return [
    label,
    us.median.toFixed(1),
    ...differenceCells(measured),
    name === THROUGH && target ? verdict(target, differenceUs, differencePercent) : '',
    cpu,
    ...cpuCells(measured),
  ]
}

const differenceCells = ({ differenceUs, differencePercent }: Difference): string[] => [
  signed(differenceUs.median, 2),
  quartiles(differenceUs, 2),
  signed(differencePercent.median, 1),
  quartiles(differencePercent, 1),
]

const cpuCells = ({ cpuDifferenceUs }: Difference): string[] =>
  Number.isNaN(cpuDifferenceUs.median) ? [] : [signed(cpuDifferenceUs.median, 2), quartiles(cpuDifferenceUs, 2)]

const signed = (value: number, digits: number): string => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`

/** The target, with the time of parsing for how often it may be taken. */
function limitsOf({ target, variants }: Result): Target | undefined {
  if (target?.timesParsing === undefined) return target
  const parsing = variants.find(({ name }) => name === PARSING_ALONE)
  return parsing ? { microseconds: Math.round(target.timesParsing * parsing.us.median) } : undefined
}

function verdict({ microseconds, percent }: Target, us: Spread, share: Spread): string {
  const limits = [
    ...(microseconds === undefined ? [] : [`<= ${microseconds} us ${judge(us, microseconds)}`]),
    ...(percent === undefined ? [] : [`<= ${percent} % ${judge(share, percent)}`]),
  ]
  return limits.join(', ')
}
