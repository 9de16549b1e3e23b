/** What a page has, in its order: a file that is written, commands, what the last of them says, and what happens in between. */
export type GuideBlock =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'command'; readonly words: readonly string[]; readonly line: string; readonly exitCode: number }
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'aside'; readonly text: string }

const PARTS = /```(?<language>sh|text|sql)\n(?<body>[^`]*(?:`[^`\n]+`[^`]*)*)```|<!-- (?<aside>.*?) -->/gu

/** The words of a command line, with quotes taken off. */
const wordsOf = (line: string): readonly string[] =>
  (line.match(/"[^"]*"|\S+/gu) ?? []).map((word) => word.replaceAll('"', ''))

export function guideBlocks(page: string): readonly GuideBlock[] {
  return [...page.matchAll(PARTS)].flatMap(({ groups = {} }): readonly GuideBlock[] => {
    const { language, body = '', aside } = groups
    if (aside !== undefined) return [{ kind: 'aside', text: aside }]
    if (language === 'text') return [{ kind: 'said', text: body }]
    if (language === 'sql') return [{ kind: 'file', path: /^-- (\S+)\n/u.exec(body)?.[1] ?? '', text: body }]
    return body
      .trim()
      .split('\n')
      .map((line) => {
        const [command = '', remark = ''] = line.split(' # ')
        const exitCode = Number(/^exit code (\d)$/u.exec(remark)?.[1] ?? 0)
        return { kind: 'command', line, exitCode, words: wordsOf(command).slice(2) }
      })
  })
}

const ALIKE: readonly (readonly [RegExp, string])[] = [
  // Progress, which a terminal draws over, and where the configuration was found.
  [/^\d{4}-\d\d-\d\dT\S+Z .*\n/gmu, ''],
  [/^config .*\n/gmu, ''],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d\b/gu, 'TIME'],
  [/\bshop at \S+?(?=[\s,])/gu, 'shop at HOST'],
  [/, as\s+\w+/gu, ', as ROLE'],
  [/\bPostgreSQL [\d.]+/gu, 'PostgreSQL VERSION'],
  [/\b[\da-f]{16,64}\b/gu, 'HASH'],
  [/\d[\d,]*(?:\.\d+)?/gu, '9'],
  [/\b9 (?:ms|s|min|h|d)(?: 9 (?:s|min|h))?\b/gu, 'DURATION'],
  [/\b9 k?M?B\b/gu, 'SIZE'],
  [/\s+/gu, ' '],
]

/** Without what differs from one run to the next. */
export const alike = (text: string): string =>
  ALIKE.reduce((changed, [from, to]) => changed.replaceAll(from, to), text).trim()

/** What a page shows, where `...` in a line of its own stands for lines that are left out: the parts that must follow each other. */
export const shownParts = (text: string): readonly string[] =>
  text
    .split(/^\.\.\.$/mu)
    .map(alike)
    .filter((part) => part !== '')
