import { resolve } from 'node:path'
import { openControl } from '@expand-contract/control'
import { countingBackup, planRestore, type Restored, restore } from '@expand-contract/runner'
import { backupCopy } from '../backup/backup-copy.ts'
import { backupFiles } from '../backup/backup-files.ts'
import { cliError } from '../cli-error.ts'
import type { CommandContext } from '../command-context.ts'
import { choiceOption, textOption } from '../command-option.ts'
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
    const given = textOption(options, 'from') ?? (await lastFile(context, database, id))
    const path = resolve(context.io.cwd, given)
    await checkThere(path, given)
    const accepted = choiceOption(options, 'accept', ['publication'])
    const plan = await planRestore({
      ...{ migration, client, path, files: backupFiles, schema: config.schema },
      confirmed: accepted === undefined ? [] : [accepted],
    })
    const { backup, summary, record, resumed } = plan
    const view = { migration, database: database.facts, path: given, backup, header: summary.header, resumed }
    if (options.dryRun === true)
      return {
        ...{ ending: 'done', migration: id, phase: record.phase },
        result: { dryRun: true, changed: false, rows: summary.trailer.rows, resumed, path: given },
        text: restoreScreen(view),
        next: [{ command: `expand-contract restore ${id} --from ${given}` }],
      }
    context.output.note(restoreScreen(view))
    const token = `${migration.table.name}.${migration.old.map(({ name }) => name).join('+')}@${database.facts.name}`
    await context.confirmName(`${id} --from ${given}`, token, textOption(options, 'confirm'))
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
        next: [{ command: `expand-contract restore ${id} --from ${given} --confirm ${token}`, why: 'goes on' }],
      }
    const { definitions } = summary.header
    const result: Restored & Record<string, unknown> = { ...restored, rowsLost: 0, changed: true, definitions }
    return {
      ...{ ending: restored.failed === 0 ? 'done' : 'found', migration: id, phase: 'contract', result },
      text: restoredScreen({ migration, restored, definitions }),
      next: [
        {
          command: `expand-contract rollback ${id}`,
          why: 'the old column counts again, with its default and NOT NULL',
        },
      ],
    }
  },
}

async function lastFile(context: CommandContext, { client }: OpenDatabase, id: string): Promise<string> {
  const backup = await countingBackup({ control: openControl(client, await context.config()), id })
  if (backup?.path !== undefined) return backup.path
  throw cliError('EC_USAGE', {
    message: `restore needs the backup of ${id}.`,
    hint: 'Name it with --from.',
    migration: id,
  })
}
