import type { DoctorFinding, DoctorGroup, DoctorReport } from '@expand-contract/runner'
import type { DatabaseFacts } from '../database.ts'
import { bytesText, durationText } from '../output/duration.ts'
import { databaseText } from './head.ts'
import { hanging } from './layout.ts'

export interface DoctorScreen {
  readonly database: DatabaseFacts
  readonly width: number
  /** Names what was not found as well. */
  readonly verbose: boolean
}

const MARKS: Readonly<Record<DoctorFinding['level'], string>> = { error: '[no]', warning: '[! ]' }

/** Where texts begin: behind `[no] D07  `. */
const INDENT = 10

export function doctorScreen(report: DoctorReport, { database, width, verbose }: DoctorScreen): string {
  const { groups, errors, warnings, passed, ms } = report
  return [
    ...hanging('', `${databaseText(database)}, ${extensionsText(report)}`, width).split('\n'),
    ...groups.flatMap((group) => [
      ...['', group.migration ?? 'Server', ...groupLines(group, { width, verbose })],
      ...(group.migration === undefined ? diskLines(report, width) : []),
    ]),
    '',
    `${many(errors, 'error')}, ${many(warnings, 'warning')}, ${passed} ok in ${durationText(ms)}. Errors stop expand; warnings do not.`,
  ].join('\n')
}

const extensionsText = ({ extensions }: DoctorReport): string =>
  extensions.length === 0 ? 'without pg_stat_statements' : `with ${extensions.join(', ')}`

/** Of the disk of another machine nothing is known. Where there is too little room, that is a finding. */
function diskLines({ disk: { neededBytes, freeBytes } }: DoctorReport, width: number): readonly string[] {
  if (freeBytes === undefined || freeBytes < neededBytes) return []
  const room = neededBytes === 0 ? '' : `; filling takes ${bytesText(neededBytes)} at most, WAL included`
  return [hanging('[ok] ', `disk: ${bytesText(freeBytes)} free${room}`, width)]
}

const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

function groupLines(
  { findings, passed }: DoctorGroup,
  { width, verbose }: Pick<DoctorScreen, 'width' | 'verbose'>,
): readonly string[] {
  const room = width - INDENT
  const behind = ' '.repeat(INDENT)
  const shown = findings.flatMap(({ code, level, what, why, remedy }) => {
    const [first = '', ...rest] = wrapped(what, room)
    return [
      `${MARKS[level]} ${code.padEnd(4)} ${first}`,
      ...[...rest, ...wrapped(why, room), ...remedyLines(remedy, room)].map((line) => `${behind}${line}`.trimEnd()),
    ]
  })
  if (verbose) return [...shown, ...passed.map(({ code, title }) => `[ok] ${code.padEnd(4)} not so: ${title}`)]
  const more = findings.length === 0 ? '' : 'more '
  return [
    ...shown,
    ...(passed.length === 0
      ? []
      : [`[ok] ${passed.length} ${more}check${passed.length === 1 ? '' : 's'}, -v shows them`]),
  ]
}

/** Broken at blanks, with what begins each further line. */
function wrapped(text: string, room: number, words: readonly string[] = text.split(/\s+/u), next = ''): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && `${last} ${word}`.length <= room) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(last === undefined ? word : `${next}${word}`)
  }
  return lines
}

/** What is pasted stays what it is: names and literals are whole, and each line of a remark is one. The body of a function is left alone. */
function remedyLines(remedy: string, room: number): readonly string[] {
  if (!/;\s*(?:--.*)?$/u.test(remedy)) return wrapped(`> ${remedy}`, room, undefined, '  ')
  if (/\$\w*\$/u.test(remedy)) return remedy.split('\n')
  return remedy.split('\n').flatMap((line) => {
    const [, code = '', remark] = /^((?:'[^']*'|"[^"]*"|(?!--)[^'"])*)(--.*)?$/u.exec(line) ?? [line, line]
    const parts = code.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/gu) ?? []
    return [
      ...(parts.length === 0 ? [] : wrapped('', room - 2, parts, '  ')),
      ...(remark === undefined ? [] : wrapped(remark, room - 3, remark.split(/\s+/u), '-- ')),
    ]
  })
}
