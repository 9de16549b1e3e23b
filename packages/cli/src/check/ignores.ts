import { CHECK_RULES, type CheckRule } from './check-rules.ts'
import { type Finding, lineAndColumn, type Place } from './finding.ts'

/** `-- expand-contract-ignore EC_ONE_STEP_DROP -- reason`, in SQL and in JavaScript. */
const IGNORE = /(?:--|\/\/|\/?\*)[ \t]*expand-contract-ignore\b(?<rest>[^\n]*)/gu
const WITH_REASON = /^[ \t]+(?<rule>\w+)[ \t]+--[ \t]*(?<reason>\S.*?)(?:[ \t]*\*\/)?[ \t]*$/u
const BLANK_OR_COMMENT = /^\s*(?:$|--|\/\/|\/?\*)/u

interface Ignore {
  readonly rule: CheckRule
  readonly line: number
  readonly place: Place
}

/** Takes out what comments ignore, and adds what is wrong with these comments. */
export function withoutIgnored(
  findings: readonly Finding[],
  files: readonly { readonly path: string; readonly text: string }[],
): readonly Finding[] {
  const used = new Set<Ignore>()
  const faults: Finding[] = []
  const ignores = files.flatMap(({ path, text }) => ignoresOf(path, text, faults))
  const left = findings.filter((found) => {
    const by = ignores.find((ignore) => ignore.place.file === found.place.file && covers(ignore, found))
    if (by) used.add(by)
    return by === undefined
  })
  const unused = ignores.filter((ignore) => !used.has(ignore))
  return [
    ...left,
    ...faults,
    ...unused.map(
      ({ rule, place }): Finding => ({
        ...{ rule: 'EC_IGNORE_UNUSED', level: CHECK_RULES.EC_IGNORE_UNUSED.level, place },
        message: `ignores ${rule}, which finds nothing here`,
        help: 'take the comment out',
      }),
    ),
  ]
}

function ignoresOf(file: string, text: string, faults: Finding[]): readonly Ignore[] {
  return [...text.matchAll(IGNORE)].flatMap((match) => {
    const place: Place = { file, text, start: match.index, end: match.index + match[0].trimEnd().length }
    const { rule = '' } = WITH_REASON.exec(match.groups?.rest ?? '')?.groups ?? {}
    if (rule in CHECK_RULES && rule !== 'EC_IGNORE' && rule !== 'EC_IGNORE_UNUSED')
      return [{ rule: rule as CheckRule, line: lineAndColumn(text, match.index).line, place }]
    faults.push({
      ...{ rule: 'EC_IGNORE', level: CHECK_RULES.EC_IGNORE.level, place },
      message:
        rule === '' ? 'ignores without a rule and a reason' : `ignores ${rule}, which is no rule that can be ignored`,
      help: 'write: expand-contract-ignore EC_ONE_STEP_DROP -- the reason',
    })
    return []
  })
}

/** The comment stands in the lines of the statement, or right above them. */
function covers({ rule, line }: Ignore, { rule: found, place }: Finding): boolean {
  if (rule !== found) return false
  const { text, statement = place } = place
  const [first, last] = [lineAndColumn(text, statement.start).line, lineAndColumn(text, statement.end).line]
  if (line > last) return false
  const between = text.split('\n').slice(line, first - 1)
  return line >= first || between.every((each) => BLANK_OR_COMMENT.test(each))
}
