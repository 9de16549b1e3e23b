import { shellWord } from '@expand-contract/core'
import { cliError } from '../cli-error.ts'
import { type FrontMatter, readFrontMatter, writeFrontMatter } from './front-matter.ts'
import { plain } from './markdown.ts'

export interface Runbook {
  readonly head: FrontMatter
  /** What stands between the markers. */
  readonly section: string
  /** It was asked to name machines: a later look does so as well. */
  readonly hosts: boolean
}

const BEGIN = /^<!-- expand-contract:begin\b(?<rest>.*)-->[^\S\n]*$/mu
const END = /^<!-- expand-contract:end\b.*-->[^\S\n]*$/mu
const HEAD = /^---\r?\n(?<head>[\s\S]*?)\r?\n---[^\S\n]*(?:\r?\n|$)/u

/** Whether the runbook was written with the names of machines. */
export const namesHosts = (text: string): boolean => BEGIN.exec(text)?.groups?.rest?.includes(' --hosts`') === true

/**
 * A runbook with what is new in it. What people wrote is kept byte for byte: keys of their own in the head, and all outside the
 * markers. One that is new has a place for why it is done, and for what was learnt.
 * @throws EC_RUNBOOK
 */
export function runbookDocument({ head, section, hosts }: Runbook, existing: string | undefined, file: string): string {
  const part = [beginMarker(head.id, hosts), section, END_MARKER].join('\n')
  if (existing === undefined || existing.trim() === '') return template(head, part)
  const crlf = existing.includes('\r\n')
  const own = (text: string): string => (crlf ? text.replaceAll('\n', '\r\n') : text)
  const { before, after } = aroundSection(existing, file)
  const known = readFrontMatter(before)
  if (known !== undefined && known.id !== head.id)
    throw refused(
      file,
      `is the runbook of ${JSON.stringify(known.id)}`,
      'Move it away, or give the other one a name of its own.',
      head.id,
    )
  const found = HEAD.exec(before)
  const keys = found === null ? '' : othersIn(found.groups?.head ?? '')
  const rest = found === null ? before : before.slice(found[0].length)
  const written = own(writeFrontMatter(head)).replace(/---(\r?\n)$/u, (_, end: string) => `${keys}---${end}`)
  return `${written}${rest}${own(part)}${after}`
}

const END_MARKER = '<!-- expand-contract:end -->'

/** An id that would end the comment is left out. */
function beginMarker(id: string, hosts: boolean): string {
  const name = /^[\w.-]+$/u.test(id) && !id.includes('--') ? id : '...'
  return `<!-- expand-contract:begin - written by \`expand-contract runbook ${shellWord(name)} --write${hosts ? ' --hosts' : ''}\` -->`
}

const template = (head: FrontMatter, part: string): string =>
  [
    `${writeFrontMatter(head)}# ${plain(head.id)}`,
    '<!-- Why: written by people, kept as it is. Who wants it, who decides, the ticket. -->',
    part,
    '## Lessons',
    '<!-- Lessons: written by people, kept as it is. -->\n',
  ].join('\n\n')

function aroundSection(text: string, file: string): { readonly before: string; readonly after: string } {
  const [begin, end] = [BEGIN.exec(text), END.exec(text)]
  if (begin === null && end === null) {
    const line = text.includes('\r\n') ? '\r\n' : '\n'
    return { before: `${text}${text.endsWith('\n') ? line : line.repeat(2)}`, after: line }
  }
  if (begin === null || end === null || end.index < begin.index)
    throw refused(
      file,
      'has one of its two markers, expand-contract:begin and expand-contract:end',
      'Put back the other one, or take away both: then what is generated is added at the end.',
    )
  const after = text.slice(end.index + end[0].length)
  // The end of the line is of the file.
  return { before: text.slice(0, begin.index), after: end[0].endsWith('\r') ? `\r${after}` : after }
}

const OURS: ReadonlySet<string> = new Set([
  ...['id', 'phase', 'since', 'epoch', 'declaration', 'table', 'old', 'new', 'soaked', 'droppable'],
])

/** Lines of keys that are not ours, as they are. */
function othersIn(head: string): string {
  let keep = true
  const kept = head.split(/(?<=\n)/u).filter((line) => {
    const key = /^(?:"(?<quoted>[^"]*)"|(?<word>[^\s#"'-][^:]*?))\s*:(?:\s|$)/u.exec(line)?.groups
    if (key !== undefined) keep = !OURS.has(key.quoted ?? key.word ?? '')
    else if (line.startsWith('#')) keep = true
    return keep
  })
  const text = kept.join('')
  return text === '' || text.endsWith('\n') ? text : `${text}${head.includes('\r\n') ? '\r\n' : '\n'}`
}

const refused = (file: string, is: string, hint: string, migration?: string): Error =>
  cliError('EC_RUNBOOK', {
    message: `${file} ${is}. Nothing was written.`,
    hint,
    ...(migration !== undefined && { migration }),
  })
