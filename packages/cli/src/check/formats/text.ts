import { type Finding, lineAndColumn } from '../finding.ts'
import { type CheckReport, summaryOf } from '../report.ts'

/** As rustc and squawk lay it out: the rule, the place, the line with the name marked, then what is known and what to do. */
export const textReport = (report: CheckReport): string =>
  [...report.findings.flatMap((each) => [textOf(each), '']), summaryOf(report)].join('\n')

function textOf({ rule, level, message, place, note, help }: Finding): string {
  const { file, text, start, end } = place
  const { line, column } = lineAndColumn(text, start)
  const source = (text.split('\n')[line - 1] ?? '').replace(/\r$/u, '').replaceAll('\t', ' ')
  const width = Math.max(1, Math.min(end - start, source.length - column + 1))
  const gutter = ' '.repeat(String(line).length)
  const marked =
    source.trim() === ''
      ? []
      : [` ${gutter} |`, ` ${line} | ${source}`, ` ${gutter} | ${' '.repeat(column - 1)}${'^'.repeat(width)}`]
  return [
    `${level}[${rule}]: ${message}`,
    ` ${gutter}--> ${file}:${line}:${column}`,
    ...marked,
    ...(note === undefined ? [] : [` ${gutter} = ${note}`]),
    ` ${gutter} = help: ${help}`,
    ...(rule.startsWith('EC_IGNORE') || source.trim() === ''
      ? []
      : [` ${gutter} = ignore: ${ignoreComment(file, rule)}`]),
  ].join('\n')
}

const ignoreComment = (file: string, rule: string): string =>
  `${/\.sql$/iu.test(file) ? '--' : '//'} expand-contract-ignore ${rule} -- reason`
