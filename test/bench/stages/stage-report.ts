import { alignedTable, judge, quartiles } from '../table.ts'
import type { Limit, StageFigure } from './measure.ts'
import type { StageResult } from './stage-bench.ts'

const HEADS = ['', 'median', '(quartiles)', '', 'server cpu', '(quartiles)', 'target']

/** The figures as a table, with a line for each. */
export const stageTable = (results: readonly StageResult[]): string =>
  alignedTable([
    HEADS,
    ...results.flatMap(({ group, figures }) => [[''], [group.toUpperCase()], ...figures.map(lineOf)]),
  ])

function lineOf({ name, value, cpu, unit, limit }: StageFigure): string[] {
  const known = cpu !== undefined && !Number.isNaN(cpu.median)
  return [
    `    ${name}`,
    value.median.toFixed(2),
    quartiles(value, 2),
    unit,
    known ? cpu.median.toFixed(2) : '',
    known ? quartiles(cpu, 2) : '',
    limit === undefined ? '' : verdict(limit, { value, unit }),
  ]
}

function verdict({ atLeast, atMost }: Limit, { value, unit }: Pick<StageFigure, 'value' | 'unit'>): string {
  if (atMost !== undefined) return `<= ${atMost} ${unit} ${judge(value, atMost)}`
  if (atLeast === undefined) return ''
  const { median, lowerQuartile, upperQuartile } = value
  const mirrored = { median: -median, lowerQuartile: -upperQuartile, upperQuartile: -lowerQuartile }
  return `>= ${atLeast} ${unit} ${judge(mirrored, -atLeast)}`
}
