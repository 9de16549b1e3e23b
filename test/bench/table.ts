import type { Spread } from './spread.ts'

/** Lines in columns as wide as they have to be; a line of one cell stands for itself. */
export function alignedTable(lines: readonly (readonly string[])[]): string {
  const columns = Math.max(...lines.map((line) => line.length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((line) => (line.length > 1 ? (line[column] ?? '').length : 0))),
  )
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n')
}

/** By the median; the second word says that the rounds lie on both sides of the limit. */
export const judge = ({ median, lowerQuartile, upperQuartile }: Spread, limit: number): string => {
  const within = median <= limit ? 'yes' : 'NO'
  return lowerQuartile <= limit && upperQuartile > limit ? `${within}, unsure` : within
}

export const quartiles = ({ lowerQuartile, upperQuartile }: Spread, digits: number): string =>
  `(${lowerQuartile.toFixed(digits)} .. ${upperQuartile.toFixed(digits)})`
