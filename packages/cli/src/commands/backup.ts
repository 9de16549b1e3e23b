import { resolve } from 'node:path'
import { openControl, readBackups } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import {
  type BackupComparison,
  type BackupTaken,
  checkBackup,
  planBackup,
  readBackupFile,
  takeBackup,
} from '@expand-contract/runner'
import { backupCopy } from '../backup/backup-copy.ts'
import { backupFiles } from '../backup/backup-files.ts'
import { backupOut } from '../backup/backup-out.ts'
import { cliError } from '../cli-error.ts'
import type { CommandResult } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { textOption } from '../command-option.ts'
import { bytesText, countText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { backupScreen } from '../screens/backup-screen.ts'
import { hanging } from '../screens/layout.ts'
import { VERSION } from '../version.ts'
import { operatorBackup, operatorDryRun, operatorLines } from './backup-by-command.ts'
import { recordOf } from './check-begun.ts'
import { withLease } from './operator-lease.ts'

export const backupCommand: CliCommand = {
  name: 'backup',
  usage: 'backup <id>',
  summary:
    'copies key (without one, a digest of the row) and old column into a file, restores it at once into a scratch table, and compares every row',
  options: [
    ['--out <file>', 'docs/backups/<id>.<date>.zst; one that is there is never written over', 'file'],
    [
      '--check <file>',
      'restores an earlier backup into a scratch table again, and compares it with the table of now',
      'file',
    ],
    ['--command <line>', 'makes the backup by a command of your own instead; it is shown, and asks, or --yes'],
    [
      '--restore-command <line>',
      'gives the rows of that one back, as COPY writes them; they are compared with the table',
    ],
    ['--format <format>', 'how they come back: text or csv; text without it', ['text', 'csv']],
    ['--timeout <duration>', 'how long each of the two commands may take: 2h; as long as it likes without it'],
    ['--dry-run', 'says what would be copied, by which key, and what the commands are told; writes nothing'],
  ],
  examples: ['backup users.full_name --dry-run', 'backup users.full_name --out /backups/users.name.zst'],
  wayBack: 'nothing is changed in the table; the file can be deleted while the old column is there',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const config = await context.config()
    const check = textOption(options, 'check')
    const dry = options.dryRun === true
    const own = operatorLines(options)
    const out = dry || own || check ? undefined : await backupOut(context, id, textOption(options, 'out'))
    await using database = await context.database(id)
    const { client } = database
    const { phase } = await recordOf(openControl(client, config), id)
    if (dry) {
      const plan = await planBackup(client, { migration, schema: config.schema, own: own !== undefined })
      const key = plan.key.map(({ name }) => name).join(', ')
      const by = plan.key.length > 0 ? `by the key ${key}` : 'by all that they hold, since they have no key'
      if (own !== undefined) return operatorDryRun({ id, phase, plan, lines: own })
      return {
        ...{ ending: 'done', migration: id, phase, result: { ...plan, dryRun: true } },
        text: ({ width }) =>
          [
            hanging(
              '',
              `Would copy ${plan.rows < 0 ? 'all' : `about ${countText(plan.rows)}`} rows of ${plan.table} (${bytesText(plan.bytes)}), ${by}, in one snapshot, and compare them row by row. Nothing is locked but against DDL.`,
              width,
            ),
            `${plan.sql};`,
          ].join('\n'),
        next: [{ command: `expand-contract backup ${shellWord(id)}` }],
      }
    }
    const { who, io, stop, output } = context
    const beside = await database.connect()
    const common = {
      ...{
        migration,
        client,
        copy: backupCopy(client, beside),
        files: backupFiles,
        schema: config.schema,
        signal: stop.signal,
      },
      operator: { who, host: io.host, version: VERSION },
      onProgress: (step: 'copy' | 'compare', rows: number): void =>
        output.progress({
          json: { type: 'progress', migration: id, blocks: [0, 0], rows },
          block: step === 'copy' ? `Backup ${id}: ${countText(rows)} rows copied` : `Backup ${id}: comparing every row`,
          line: `backup ${id} ${step} rows=${rows}`,
        }),
    }
    const control = openControl(beside, config)
    if (own !== undefined) return await operatorBackup(context, { ...common, id, phase, lines: own, control })
    return await withLease(context, control, {
      migration: id,
      work: async () => {
        if (check !== undefined) {
          const path = resolve(io.cwd, check)
          const record = await recordedAs(context, { id, path, given: check, client })
          return ended(await checkBackup({ ...common, path, record }), { id, phase, path: check, checked: true })
        }
        const { path, name } = out ?? (await backupOut(context, id, undefined))
        try {
          return ended(await takeBackup({ ...common, path, name }), { id, phase, path: name, checked: false })
        } catch (error) {
          if (!stop.signal.aborted) throw error
          return {
            ...{ ending: 'done', migration: id, phase, result: { stopped: true } },
            text: 'Stopped. No file was left, and nothing is recorded.',
            next: [{ command: `expand-contract backup ${shellWord(id)}` }],
          }
        }
      },
    })
  },
}

interface FileToFind {
  readonly id: string
  readonly path: string
  /** As the command was given it. */
  readonly given: string
  readonly client: Parameters<typeof backupCopy>[0]
}

/** What is recorded of a file, by its checksum: its name may be another one by now. */
async function recordedAs(context: CommandContext, { id, path, given, client }: FileToFind) {
  await checkThere(path, given)
  const { fileSha256 } = await readBackupFile(given, backupFiles.read(path))
  const all = await readBackups(openControl(client, await context.config()), { migration: id, limit: 1_000 })
  const found = all.find(({ sha256 }) => sha256 === fileSha256)
  if (found !== undefined) return found
  throw cliError('EC_USAGE', {
    message: `${given} is no backup of ${id} that is recorded in this database.`,
    hint: `Name one of these: ${all.map((each) => each.path ?? each.evidence).join(', ') || 'there is none'}.`,
    migration: id,
  })
}

/** @throws EC_USAGE */
export async function checkThere(path: string, given: string): Promise<void> {
  if (await backupFiles.exists(path)) return
  throw cliError('EC_USAGE', {
    message: `${given} is not there.`,
    hint: 'Name the file that `expand-contract backup` has written; `expand-contract log` has its name.',
  })
}

interface Ended {
  readonly id: string
  readonly phase: CommandResult['phase']
  readonly path: string
  readonly checked: boolean
}

function ended(
  { record, summary, comparison, compareMs, ...more }: Omit<BackupTaken, 'copyMs'> & { readonly copyMs?: number },
  { id, phase, path, checked }: Ended,
): CommandResult {
  const ok = record.equal === true
  const figures: BackupComparison & Record<string, unknown> = {
    ...comparison,
    ...{ path, rows: summary.trailer.rows, bytes: summary.fileBytes, sha256: summary.fileSha256, equal: ok },
    ...{ compareMs: Math.round(compareMs), ...(more.copyMs !== undefined && { copyMs: Math.round(more.copyMs) }) },
  }
  return {
    ...{ ending: ok ? 'done' : 'found', migration: id, phase, result: figures },
    text: backupScreen({ id, path, checked, ok, summary, comparison, compareMs, copyMs: more.copyMs }),
    next: ok
      ? [
          {
            command: `expand-contract wait ${shellWord(id)} --for droppable --timeout 4d`,
            why: 'keep the file where backups are kept',
          },
        ]
      : [{ command: `expand-contract backup ${shellWord(id)}`, why: 'the table has other values by now' }],
  }
}
