import { type BackupRecord, type Control, openControl, readEvents } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { heldSince, readDropBackup, readDropGates, spanText } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import { lookAtBackups } from '../backup/find-backup.ts'
import type { Gate } from '../command.ts'
import { durationOption, textOption } from '../command-option.ts'
import { durationText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { dropScreen } from '../screens/drop-screen.ts'
import { hanging } from '../screens/layout.ts'
import { asGates } from '../status/next-gates.ts'
import { VERSION } from '../version.ts'
import { recordOf } from './check-begun.ts'
import { figuresOf, planOf, runStageCommand } from './run-stage-command.ts'
import {
  dryRunOf,
  isOpenBeforeFence,
  notInPhase,
  overridden,
  overrideOf,
  recordOverride,
  refusedBy,
} from './stage-answers.ts'

export const dropCommand: CliCommand = {
  name: 'drop',
  usage: 'drop <id>',
  summary: 'drops the old column, trigger and functions; asks for the name of the column and of the database',
  options: [
    ['--dry-run', 'prints the SQL, with the gates as remarks, and changes nothing'],
    ['--confirm <name>', 'the old column and the database: users.name@shop; --yes does not answer it'],
    [
      '--backup <file>',
      'where the backup is by now, if it was moved; it is read whole, and its checksum compared',
      'file',
    ],
    ['--wait <duration>', 'how long to wait for processes and replicas: 15m'],
    [
      '--override <gate>',
      'skips one gate, on record: held, hidden or dependents; several with commas; never backup',
      ['held', 'hidden', 'dependents'],
    ],
    ['--reason <text>', 'why; recorded with --override'],
  ],
  examples: ['drop users.full_name --dry-run', 'drop users.full_name --confirm users.name@shop'],
  wayBack: 'none but expand-contract restore <id>, from the backup',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const override = overrideOf(options)
    const config = await context.config()
    await using database = await context.database(id)
    await loadParser()
    const control = openControl(database.client, config)
    const record = await recordOf(control, id)
    const { phase } = record
    if (phase !== 'hold') return notInPhase(id, phase, 'hold')
    const facts = { control, client: database.client, migration }
    const dry = options.dryRun === true
    const { who, io } = context
    const operator = dry ? undefined : { who, host: io.host, version: VERSION }
    const backupPlace = { look: lookAtBackups(context), given: textOption(options, 'backup') }
    const read = async () =>
      overridden(asGates(await readDropGates(facts, { holdMs: config.holdMs, operator, backupPlace })), override)
    const gates = await read()
    const refused = (open: readonly Gate[]) =>
      refusedBy({
        ...{ id, phase, gates: open, to: 'drop' },
        meanwhile: 'the old column is kept in step under its other name. Waiting costs its room on the disk.',
      })
    if (!dry && gates.some(isOpenBeforeFence)) return refused(gates)
    const actions = await planOf(context, database, { migration, stage: 'drop', record })
    if (dry) return dryRunOf('drop', { id, phase, gates }, actions)
    const since = await heldSince({ control, id })
    const heldFor = since === undefined ? 'not known' : spanText(Math.max(0, Date.now() - since.getTime()))
    const { backup, lossless } = await readDropBackup(facts, backupPlace)
    const restoredMs = (await lastRestore(control, id)) ?? restoreMsOf(backup)
    context.output.note((screen) =>
      dropScreen(
        {
          migration,
          database: database.facts,
          heldFor,
          hidden: gates.find((gate) => gate.id === 'hidden')?.detail,
          ...{ backup, lossless, restoredMs },
          at: backupPlace.given,
        },
        screen,
      ),
    )
    const token = `${migration.table.name}.${migration.old.map(({ name }) => name).join('+')}@${database.facts.name}`
    const at = backupPlace.given === undefined ? '' : `--backup ${shellWord(backupPlace.given)}`
    await context.confirmName({ id, flags: at }, token, textOption(options, 'confirm'))
    await recordOverride(context, control, { id, gates, override })
    const run = await runStageCommand(context, database, {
      ...{
        migration,
        stage: 'drop',
        record,
        actions,
        verb: 'Drop',
        waitMs: durationOption(options, 'wait') ?? 900_000,
      },
      figures: { backup: backup?.id },
      gates: { read, isOpen: isOpenBeforeFence },
    })
    if (run.closed !== undefined) return refused(run.closed)
    return {
      ...{ ending: 'done', migration: id, phase: 'dropped', gates },
      result: figuresOf(run),
      text: ({ width }) =>
        [
          hanging(
            '',
            `[ok] Dropped the old column of ${id} in ${durationText(run.ms)} (lock held ${durationText(run.lockedMs)}). No room was freed: rows keep it until they are written again.`,
            width,
          ),
          hanging(
            'Way back:  ',
            `expand-contract restore ${shellWord(id)}, from ${backupPlace.given ?? backup?.path ?? backup?.evidence ?? 'the backup'}`,
            width,
          ),
        ].join('\n'),
      next: [{ command: `expand-contract status ${shellWord(id)}`, why: 'the code can be the plain new column now' }],
    }
  },
}

/** How long a restore has taken in full, where there was one. */
async function lastRestore(control: Control, id: string): Promise<number | undefined> {
  const [last] = await readEvents(control, { migration: id, kind: 'restored', limit: 1 })
  const ms = Number(last?.figures.ms ?? Number.NaN)
  return Number.isNaN(ms) ? undefined : ms
}

/** How long it took to bring the rows back when they were compared: by the operator's own command, or from the file into a scratch table. */
function restoreMsOf(backup: BackupRecord | undefined): number | undefined {
  const ms = Number(backup?.figures.restoreMs ?? backup?.figures.compareMs ?? Number.NaN)
  return Number.isNaN(ms) ? undefined : ms
}
