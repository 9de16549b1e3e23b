import { type Finding, lineAndColumn } from '../finding.ts'
import type { CheckReport } from '../report.ts'

/**
 * Workflow commands, which GitHub shows beside the lines of a change: ten of a kind for each step, so errors come first. Escapes:
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions and its toolkit (packages/core/src/command.ts).
 */
export const githubReport = ({ findings }: CheckReport): string => findings.map(annotation).join('\n')

function annotation({ rule, level, message, place, note, help }: Finding): string {
  const { line, column } = lineAndColumn(place.text, place.start)
  const properties = { file: place.file, line, col: column, title: rule }
  const pairs = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`)
  return `::${level} ${pairs.join(',')}::${data([message, ...(note === undefined ? [] : [note]), `help: ${help}`].join('\n'))}`
}

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
