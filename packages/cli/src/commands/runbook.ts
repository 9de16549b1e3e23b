import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { openControl, readMigration } from '@expand-contract/control'
import { type Migration, shellWord } from '@expand-contract/core'
import { runbooksFolder } from '../check/read-known.ts'
import { cliError } from '../cli-error.ts'
import type { CommandResult } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import type { CliCommand } from '../run-command.ts'
import { differences } from '../runbook/differences.ts'
import { namesHosts } from '../runbook/document.ts'
import { runbookName } from '../runbook/file-name.ts'
import { readRunbookFacts } from '../runbook/read-runbook-facts.ts'
import { type RunbookFile, runbookFiles } from '../runbook/runbook-files.ts'
import { recordOf } from './check-begun.ts'

export const runbookCommand: CliCommand = {
  name: 'runbook',
  usage: 'runbook <id>',
  summary: 'what was done, measured and learnt, as a page for the repository; what people write in it is kept',
  options: [
    ['--write', 'writes it, under `runbooks` of the configuration; else it is printed'],
    ['--check', 'ends with 4 where the file is not what --write would make of it, and says what differs'],
    ['--hosts', 'names machines and processes as well'],
  ],
  examples: ['runbook users.full_name --write', 'runbook users.full_name --check'],
  async run(context, [id = ''], options) {
    const [write, check] = [options.write === true, options.check === true]
    if (write && check)
      throw cliError('EC_USAGE', { message: '--write and --check are two things.', hint: 'Give one of them.' })
    const config = await context.config()
    const folder = runbooksFolder(config.file === undefined ? context.io.cwd : dirname(config.file), config.runbooks)
    const migration = await declaredOrRecorded(context, id)
    await using database = await context.database(id)
    const control = openControl(database.client, config)
    const record = await readMigration(control, id)
    // Nobody knows it: the text says which there are.
    if (record === undefined && migration === undefined) await context.migration(id)
    const facts = await readRunbookFacts(
      { control, client: database.client },
      {
        ...{ record: record ?? (await recordOf(control, id)), migration },
        ...{ soakMs: config.soakMs, holdMs: config.holdMs, database: database.facts.name },
        hosts: options.hosts === true || (check && (await written(folder, id))),
      },
    )
    const files = await runbookFiles(facts, folder)
    const about = { migration: id, phase: facts.record.phase }
    const paths = files.map((file) => relative(context.io.cwd, file.path).replaceAll('\\', '/'))
    if (check) return checked(files, paths, about)
    const [page] = files
    if (!write)
      return { ...{ ending: 'done', ...about, bare: true }, result: { text: page.text }, text: page.text.trimEnd() }
    const changed = files.filter(({ text, before }) => text !== before)
    for (const { path, text } of changed) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
    }
    return {
      ...{ ending: 'done', ...about },
      result: { files: files.map((file, at) => ({ path: paths[at] ?? file.path, changed: changed.includes(file) })) },
      text: changed.length === 0 ? `${paths.join(', ')}: nothing is new.` : `[ok] Wrote ${paths.join(', ')}.`,
    }
  },
}

type Files = Awaited<ReturnType<typeof runbookFiles>>

function checked(
  files: Files,
  paths: readonly string[],
  about: Pick<CommandResult, 'phase'> & { readonly migration: string },
): CommandResult {
  const stale = files.flatMap((file, at) => (isStale(file) ? [{ file, path: paths[at] ?? file.path }] : []))
  const found = stale.map(({ file: { before, text }, path }) => ({
    ...{ path, missing: before === undefined },
    differences: before === undefined || path.endsWith('.svg') ? [] : differences(before, text),
  }))
  return {
    ...{ ending: found.length === 0 ? 'done' : 'found', ...about, result: { stale: found.length > 0, files: found } },
    text:
      found.length === 0
        ? `[ok] ${paths.join(', ')}: as the timeline says.`
        : found
            .map(({ path, missing, differences: lines }) =>
              [`[no] ${path} ${missing ? 'is not there' : 'is stale'}${lines.length > 0 ? ':' : '.'}`, ...lines].join(
                '\n  ',
              ),
            )
            .join('\n'),
    next: found.length === 0 ? [] : [{ command: `expand-contract runbook ${shellWord(about.migration)} --write` }],
  }
}

/** git may have changed the ends of lines. */
const isStale = ({ text, before }: RunbookFile): boolean =>
  before?.replaceAll('\r\n', '\n') !== text.replaceAll('\r\n', '\n')

/** A migration that is through may be declared no more: its runbook stays. */
async function declaredOrRecorded(context: CommandContext, id: string): Promise<Migration | undefined> {
  const declared = await context.migrations().catch((error: unknown) => {
    if (isNone(error)) return []
    throw error
  })
  return declared.some((each) => each.id === id) ? context.migration(id) : undefined
}

const isNone = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'EC_DECLARATIONS'

async function written(folder: string, id: string): Promise<boolean> {
  const text = await readFile(join(folder, `${runbookName(id)}.md`), 'utf8').catch(() => '')
  return namesHosts(text)
}
