import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { installedVersions, openControl, readMigrations } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import { declaredBefore } from '../check/declared-before.ts'
import { githubReport } from '../check/formats/github.ts'
import { jsonReport } from '../check/formats/json.ts'
import { markdownReport } from '../check/formats/markdown.ts'
import { sarifReport } from '../check/formats/sarif.ts'
import { textReport } from '../check/formats/text.ts'
import { baseOf, type Change, readChange } from '../check/git.ts'
import { type KnownMigration, ofRecord } from '../check/known-migration.ts'
import { isWithin, readRunbooks, runbooksFolder } from '../check/read-known.ts'
import { mayBeMigration } from '../check/read-migration-files.ts'
import { type CheckReport, count } from '../check/report.ts'
import { runCheck } from '../check/run-check.ts'
import { cliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { choiceOption, textOption } from '../command-option.ts'
import type { ParsedConfig } from '../config/parse-config.ts'
import { readDeclarations } from '../config/read-declarations.ts'
import { readProject } from '../doctor/read-project.ts'
import type { CliCommand } from '../run-command.ts'
import { type RecordedTimes, recordedTimes } from '../runbook/recorded-times.ts'

const FORMATS = ['auto', 'text', 'github', 'json', 'sarif', 'markdown'] as const

export const checkCommand: CliCommand = {
  name: 'check',
  usage: 'check',
  summary: 'looks in a change, as CI does, for steps that a migration is not ready for',
  options: [
    ['--base <ref>', 'what the change is compared with; else what CI names, or the main branch'],
    ['--format <format>', 'auto, text, github, json, sarif or markdown', FORMATS],
    ['--out <path>', 'writes the report there; stdout has the text', 'file'],
    ['--max-warnings <count>', 'so many warnings are no finding'],
  ],
  examples: ['check --base origin/main', 'check --format sarif --out expand-contract.sarif'],
  async run(context, _args, options) {
    const { env, cwd } = context.io
    const format = choiceOption(options, 'format', FORMATS) ?? 'auto'
    const maxWarnings = warningsOf(options)
    const out = textOption(options, 'out')
    const config = await context.config()
    const folder = config.file === undefined ? cwd : dirname(config.file)
    const runbooks = runbooksFolder(folder, config.runbooks)
    const base = textOption(options, 'base') ?? (await baseOf(cwd, env))
    const change = await readChange(cwd, base, (path) => mayBeMigration(path) || isWithin(path, ''))
    const warnings: string[] = []
    const declared = await readDeclarations(config, { mayBeNone: true })
    const module = config.migrations ?? config.drizzle?.schema ?? config.typeorm?.dataSource
    const report = await runCheck({
      ...{ change, declared, now: new Date() },
      before: await before(config, { change, declared, warnings }),
      known: await known(context, { change, declared, runbooks, warnings }),
      project: await readProject(config, (text) => context.output.note(text)),
      declarations: module === undefined ? config.file : resolve(folder, module),
    })
    const github = format === 'github' || (format === 'auto' && env.GITHUB_ACTIONS === 'true')
    const text = RENDERED[github ? 'github' : format](report)
    if (out !== undefined) await write(resolve(cwd, out), text)
    if (github && env.GITHUB_STEP_SUMMARY !== undefined)
      await appendFile(env.GITHUB_STEP_SUMMARY, `${markdownReport(report)}\n`)
    const [errors, warned] = [count(report, 'error'), count(report, 'warning')]
    return {
      ending: errors > 0 || warned > maxWarnings ? 'found' : 'done',
      result: jsonReport(report),
      warnings,
      text: out === undefined ? text : textReport(report),
    }
  },
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${text.trimEnd()}\n`)
}

const RENDERED: Readonly<Record<(typeof FORMATS)[number], (report: CheckReport) => string>> = {
  auto: textReport,
  text: textReport,
  github: (report) => [textReport(report), githubReport(report)].join('\n').trimEnd(),
  json: (report) => JSON.stringify(jsonReport(report), undefined, 2),
  sarif: sarifReport,
  markdown: markdownReport,
}

/** Warnings alone end with 0, unless so many are given that they must not be exceeded. */
function warningsOf(options: Readonly<Record<string, unknown>>): number {
  const given = textOption(options, 'maxWarnings')
  if (given === undefined) return Number.POSITIVE_INFINITY
  if (/^\d+$/u.test(given)) return Number(given)
  throw cliError('EC_USAGE', {
    message: `--max-warnings is ${JSON.stringify(given)}.`,
    hint: 'It takes a whole number.',
  })
}

interface Declared {
  readonly change: Change
  readonly declared: readonly Migration[]
  readonly warnings: string[]
}

/** Where no code has changed, what was declared before is what is declared now. */
async function before(
  { file }: ParsedConfig,
  { change: { root, base, files, deleted }, declared, warnings }: Declared,
): Promise<readonly Migration[] | undefined> {
  const isCode = (path: string): boolean => /\.(?:[cm]?[jt]sx?|json)$/u.test(path)
  if (file === undefined || !(files.some(({ path }) => isCode(path)) || deleted.some(isCode))) return declared
  try {
    return await declaredBefore({ root, commit: base, config: file })
  } catch (error) {
    const why = messageOf(error)
    warnings.push(
      `what was declared before the change could not be loaded, so that a declaration which is new is not known as such: ${why}`,
    )
    return undefined
  }
}

interface Sources {
  readonly change: Change
  readonly declared: readonly Migration[]
  readonly runbooks: string
  readonly warnings: string[]
}

/** The database knows better than a runbook does; what it does not know, the runbook may. */
async function known(
  context: CommandContext,
  { change, declared, runbooks, warnings }: Sources,
): Promise<readonly KnownMigration[]> {
  const written = await readRunbooks(change, runbooks)
  const recorded = await recordedMigrations(context, declared, warnings)
  const ids = new Set(recorded.map(({ id }) => id))
  return [...recorded, ...written.filter(({ id }) => !ids.has(id))]
}

async function recordedMigrations(
  context: CommandContext,
  declared: readonly Migration[],
  warnings: string[],
): Promise<readonly KnownMigration[]> {
  const config = await context.config()
  if ((context.globals.url ?? config.url ?? context.io.env.DATABASE_URL) === undefined) return []
  try {
    await using database = await context.database()
    const { client } = database
    const control = openControl(client, config)
    if ((await installedVersions(control)).length === 0) return []
    const known: KnownMigration[] = []
    for (const record of await readMigrations(control)) {
      const migration = declared.find(({ id }) => id === record.id)
      const { soakMs, holdMs } = config
      const times = await recordedTimes({ control, client }, { record, migration, soakMs, holdMs }).catch(
        (error: unknown): RecordedTimes => {
          warnings.push(`when the soak of ${record.id} is over could not be read: ${messageOf(error)}`)
          return {}
        },
      )
      known.push(ofRecord(record, { soaked: times.soaked, droppable: times.droppable }))
    }
    return known
  } catch (error) {
    warnings.push(`the database could not be asked, runbooks alone are read: ${messageOf(error)}`)
    return []
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
