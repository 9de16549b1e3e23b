import { openControl } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { countingBackup, planRestore, type Restored, restore } from '@expand-contract/runner'
import { backupCopy } from '../backup/backup-copy.ts'
import { backupFiles } from '../backup/backup-files.ts'
import { backupPath } from '../backup/find-backup.ts'
import { operatorRows } from '../backup/operator-backup.ts'
import { cliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { choiceOption, durationOption, textOption } from '../command-option.ts'
import type { OpenDatabase } from '../database.ts'
import { countText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { restoredScreen, restoreScreen } from '../screens/restore-screen.ts'
import { VERSION } from '../version.ts'
import { checkThere } from './backup.ts'
import { recordOf } from './check-begun.ts'
import { withLease } from './operator-lease.ts'

export const restoreCommand: CliCommand = {
  name: 'restore',
  usage: 'restore <id>',
  summary:
    'brings the old column back behind the drop, from its backup; asks for the name of the column and of the database',
  options: [
    ['--from <file>', 'the backup; without it the one that counted for the drop', 'file'],
    [
      '--restore-command <line>',
      'gives back the rows of a backup that your own command has made; --dry-run does not run it',
    ],
    ['--timeout <duration>', 'how long that command may take: 2h; as long as it likes without it'],
    ['--dry-run', 'reads and checks the whole file and the table, and changes nothing'],
    ['--confirm <name>', 'the old column and the database: users.name@shop; --yes does not answer it'],
    ['--accept <what>', 'publication: subscribers have the column, and it is meant', ['publication']],
  ],
  examples: ['restore users.full_name --dry-run', 'restore users.full_name --from name.zst --confirm users.name@shop'],
  wayBack: 'expand-contract hold and drop again; the new column is not touched',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const config = await context.config()
    await using database = await context.database(id)
    const { client } = database
    await recordOf(openControl(client, config), id)
    const { path, given, line } = await sourceOf(context, database, { id, options })
    const accepted = choiceOption(options, 'accept', ['publication'])
    const plan = await planRestore({
      ...{ migration, client, path, files: backupFiles, copy: backupCopy(client), schema: config.schema },
      confirmed: accepted === undefined ? [] : [accepted],
    })
    const { backup, summary, record, resumed, forecast } = plan
    const { header } = summary
    const view = { migration, database: database.facts, path: given, line, backup, header, resumed, forecast }
    const flags = line === undefined ? `--from ${shellWord(given ?? '')}` : `--restore-command ${shellWord(line)}`
    if (options.dryRun === true)
      return {
        ...{ ending: 'done', migration: id, phase: record.phase },
        result: {
          ...{ dryRun: true, changed: false, rows: summary.trailer.rows, resumed, path: given ?? null },
          ...(forecast !== undefined && { forecast }),
        },
        text: restoreScreen(view),
        next: [{ command: `expand-contract restore ${shellWord(id)} ${flags}` }],
      }
    context.output.note(restoreScreen(view))
    const token = `${migration.table.name}.${migration.old.map(({ name }) => name).join('+')}@${database.facts.name}`
    await context.confirmName({ id, flags }, token, textOption(options, 'confirm'))
    const { who, io, stop, output } = context
    const restored = await withLease(context, openControl(await database.connect(), config), {
      migration: id,
      work: (lease) =>
        restore({
          ...{
            plan,
            client,
            path,
            lease,
            copy: backupCopy(client),
            files: backupFiles,
            schema: config.schema,
            own:
              line === undefined
                ? undefined
                : operatorRows(context, {
                    client,
                    restore: line,
                    format: plan.own?.format ?? 'text',
                    timeoutMs: durationOption(options, 'timeout'),
                  }),
            ...config.ddl,
          },
          ...{ operator: { who, host: io.host, version: VERSION }, signal: stop.signal },
          onProgress: (blocksDone, blocks, rows) =>
            output.progress({
              json: { type: 'progress', migration: id, blocks: [blocksDone, blocks], rows },
              block: `Restore ${id}: block ${countText(blocksDone)} of ${countText(blocks)}, ${countText(rows)} rows filled`,
              line: `restore ${id} blocks=${blocksDone}/${blocks} rows=${rows}`,
            }),
        }),
    })
    if (restored === undefined)
      return {
        ...{ ending: 'done', migration: id, phase: 'contract', result: { stopped: true } },
        text: `Stopped between two batches. The column is back, and not all of its values: until then hold and rollback are refused.`,
        next: [
          {
            command: `expand-contract restore ${shellWord(id)} ${flags} --confirm ${shellWord(token)}`,
            why: 'goes on',
          },
        ],
      }
    const { definitions } = header
    const result: Restored & Record<string, unknown> = { ...restored, rowsLost: 0, changed: true, definitions }
    return {
      ...{ ending: restored.failed === 0 ? 'done' : 'found', migration: id, phase: 'contract', result },
      text: restoredScreen({ migration, restored, definitions }),
      next: [
        {
          command: `expand-contract rollback ${shellWord(id)}`,
          why: 'the old column counts again, with its default and NOT NULL',
        },
      ],
    }
  },
}

interface Source {
  /** undefined: a command gives it. */
  readonly path: string | undefined
  /** The file, as the command was given it. */
  readonly given: string | undefined
  readonly line: string | undefined
}

/** The file or the command; without either what counted for the drop. @throws EC_USAGE */
async function sourceOf(
  context: CommandContext,
  { client }: OpenDatabase,
  { id, options }: { readonly id: string; readonly options: Readonly<Record<string, unknown>> },
): Promise<Source> {
  const [from, line] = [textOption(options, 'from'), textOption(options, 'restoreCommand')]
  if (from !== undefined && line !== undefined)
    throw usage(id, '--from and --restore-command are two backups.', 'Name one of them.')
  if (line !== undefined) return { path: undefined, given: undefined, line }
  const backup =
    from === undefined ? await countingBackup({ control: openControl(client, await context.config()), id }) : undefined
  const given = from ?? backup?.path
  if (given !== undefined) {
    const path = await backupPath(context, given)
    await checkThere(path, given)
    return { path, given, line: undefined }
  }
  if (backup === undefined) throw usage(id, `restore needs the backup of ${id}.`, 'Name it with --from.')
  throw usage(
    id,
    `The backup of ${id} that counted for the drop is one that your own command has made.`,
    `Name the command that gives its rows back once more; it was given ${backup.evidence}`,
  )
}

const usage = (migration: string, message: string, hint: string): Error =>
  cliError('EC_USAGE', { message, hint, migration })
