import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { commands } from '../../packages/cli/src/commands/commands.ts'
import { EXIT_CODES } from '../../packages/cli/src/exit-codes.ts'
import { GLOBAL_OPTIONS } from '../../packages/cli/src/global-options.ts'
import * as json from '../../packages/cli/src/json.ts'
import type { CliCommand } from '../../packages/cli/src/run-command.ts'
import { ROOT, read } from '../architecture/workspace.ts'
import { type AnySchema, descriptionOf, entriesOf, typeText } from './schema-text.ts'

const GENERATED = '<!-- Generated from the command line itself by `pnpm docs:cli`. Do not edit. -->'
const [BEGIN, END] = ['<!-- commands:begin, written by `pnpm docs:cli` -->', '<!-- commands:end -->']

/** A page that several commands share. */
const PAGES: Readonly<Record<string, string>> = {
  ...{ plan: 'expand', pause: 'backfill', resume: 'backfill', log: 'status', unhold: 'hold' },
}

function pageOf({ name }: CliCommand): string | undefined {
  const page = PAGES[name] ?? name
  return existsSync(join(ROOT, 'docs/operations', `${page}.md`)) ? page : undefined
}

/** What Markdown would take for an element. */
const prose = (text: string): string => text.replaceAll('<', '\\<')

const cell = (text: string): string => text.replaceAll('|', '\\|')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

const optionRows = (options: CliCommand['options'] = []): readonly (readonly string[])[] =>
  options.map(([flags, description]) => [`\`${flags}\``, prose(description)])

function commandSection(command: CliCommand): string {
  const { usage, summary, options = [], examples, wayBack } = command
  const page = pageOf(command)
  return [
    `## \`${usage}\``,
    `${prose(summary)}${page === undefined ? '' : ` ([more](operations/${page}.md))`}`,
    ...(options.length === 0 ? [] : [table(['flag', 'what it does'], optionRows(options))]),
    ['```sh', ...examples.map((example) => `npx expand-contract ${example}`), '```'].join('\n'),
    ...(wayBack === undefined ? [] : [`Way back: ${prose(wayBack)}.`]),
  ].join('\n\n')
}

/** `docs/commands.md`: what `--help` says, on one page. */
function commandReference(): string {
  const codes = Object.values(EXIT_CODES).map(({ code, what }) => [String(code), what])
  return `${[
    '# Commands',
    GENERATED,
    ...commands.map(commandSection),
    '## `completion <shell>`',
    'prints the completion script of bash, zsh, fish or powershell; ids are completed from the files in `docs/migrations/`',
    '## Options of every command',
    table(['flag', 'what it does'], optionRows(GLOBAL_OPTIONS)),
    '## Exit codes',
    table(['code', 'meaning'], codes),
  ].join('\n\n')}\n`
}

const LINES: readonly (readonly [string, AnySchema, string])[] = [
  ['result', json.resultSchema, 'The last line of every command, also of one that failed, was refused or was stopped.'],
  ['start', json.startSchema, 'Work has begun that tells how far it is.'],
  ['progress', json.progressSchema, 'How far it is: each second for 10 s, then each 10 s, after 10 min each 30 s.'],
  ['wait', json.waitSchema, 'It waits for others.'],
  ['step', json.stepSchema, 'A step that was done, or something that happened on the way.'],
]

const RESULTS: readonly (readonly [string, AnySchema])[] = [
  ['measure', json.measureSchema],
  ['runbook', json.runbookSchema],
]

/** Fields with those within them, by their paths. */
function fieldRows(schema: AnySchema, path = ''): readonly (readonly string[])[] {
  return entriesOf(schema).flatMap(([name, field]) => {
    const at = `${path}${name}`
    return [[`\`${at}\``, typeText(field), descriptionOf(field)], ...fieldRows(field, `${at}.`)]
  })
}

/** `docs/json.md`, from the schemas that are exported. */
function jsonReference(): string {
  return `${[
    '# JSON',
    GENERATED,
    'With `--json` stdout is JSON, one object a line, and nothing else; the last line has the type `result`. What is told on the way to people still goes to stderr.',
    ['```sh', 'npx expand-contract status users.full_name --json | tail -n 1', '```'].join('\n'),
    'The schemas are exported, for [valibot](https://valibot.dev) and whatever knows Standard Schema:',
    [
      '```ts',
      "import { lineSchema, type JsonLine } from '@expand-contract/cli/json'",
      "import { parse } from 'valibot'",
      '',
      'const line: JsonLine = parse(lineSchema, JSON.parse(text))',
      '```',
    ].join('\n'),
    'Within a major version fields are added and never taken away or changed: ignore what you do not know.',
    ...LINES.flatMap(([type, schema, what]) => [
      `## ${type}`,
      what,
      table(['field', 'type', 'what it is'], fieldRows(schema)),
    ]),
    ...RESULTS.flatMap(([command, schema]) => [
      `## \`result\` of ${command}`,
      `What the field \`result\` of its last line has where it ran to its end: \`${command}Schema\`.`,
      table(['field', 'type', 'what it is'], fieldRows(schema)),
    ]),
  ].join('\n\n')}\n`
}

/** The list of commands as the README of the package has it between two marks. */
function readmeWithCommands(): string {
  const readme = read(README)
  const [before, after] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (before < 0 || after < before) throw new Error(`${README} has no ${BEGIN} and ${END}`)
  const rows = commands.map((command) => {
    const page = pageOf(command)
    return [
      `\`${command.usage}\``,
      prose(command.summary),
      page === undefined ? '' : `[${page}](../../docs/operations/${page}.md)`,
    ]
  })
  const shells = ['`completion <shell>`', 'completion for bash, zsh, fish, powershell', '']
  const list = table(['command', 'what it does', 'page'], [...rows, shells])
  return `${readme.slice(0, before)}${BEGIN}\n\n${list}\n\n${readme.slice(after)}`
}

const README = 'packages/cli/README.md'

/** Each generated file with what it must be. */
export const CLI_REFERENCES: Readonly<Record<string, () => string>> = {
  'docs/commands.md': commandReference,
  'docs/json.md': jsonReference,
  [README]: readmeWithCommands,
}
