import { openControl } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import {
  type HiddenReader,
  hiddenLine,
  readHiddenReaders,
  readHoldGates,
  recordHiddenBaseline,
} from '@expand-contract/runner'
import { heldColumnName, loadParser } from '@expand-contract/sql'
import type { Gate } from '../command.ts'
import { choiceOption, durationOption } from '../command-option.ts'
import { durationText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { gatesScreen } from '../screens/gates-screen.ts'
import { hanging } from '../screens/layout.ts'
import { asGates } from '../status/next-gates.ts'
import { VERSION } from '../version.ts'
import { recordOf } from './check-begun.ts'
import { figuresOf, finishStage, planOf, runStageCommand } from './run-stage-command.ts'
import { dryRunOf, inPhaseAlready, isOpenBeforeFence, notInPhase, refusedBy } from './stage-answers.ts'

export const holdCommand: CliCommand = {
  name: 'hold',
  usage: 'hold <id>',
  summary:
    'sets the old column aside under another name, still kept in step: whoever needs it fails now, not after the drop',
  options: [
    ['--dry-run', 'prints the SQL, with the gates as remarks, and changes nothing'],
    ['--wait <duration>', 'how long to wait for processes and replicas: 15m'],
    ['--confirm <what>', 'publication: known, and meant', ['publication']],
  ],
  examples: ['hold users.full_name --dry-run', 'hold users.full_name --wait 30m'],
  wayBack: 'expand-contract unhold <id>: one step, nothing is lost',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const config = await context.config()
    await using database = await context.database(id)
    await loadParser()
    const control = openControl(database.client, config)
    const record = await recordOf(control, id)
    const { phase } = record
    if (phase !== 'contract') {
      if (phase === 'hold' && options.dryRun !== true)
        await finishStage(context, database, { migration, stage: 'hold', record })
      return notInPhase(id, phase, 'contract')
    }
    const facts = { control, client: database.client, migration }
    const read = async () => asGates(await readHoldGates(facts))
    const gates = await read()
    const refused = (open: readonly Gate[]) =>
      refusedBy({
        ...{ id, phase, gates: open, to: 'hold' },
        meanwhile: 'the old column is kept in step. Waiting costs nothing.',
      })
    const confirm = choiceOption(options, 'confirm', ['publication'])
    const confirmed = confirm === undefined ? [] : [confirm]
    const dry = options.dryRun === true
    if (!dry && gates.some(isOpenBeforeFence)) return refused(gates)
    const actions = await planOf(context, database, { migration, stage: 'hold', record, confirmed })
    if (dry) return dryRunOf('hold', { id, phase, gates }, actions)
    const would = (await readHiddenReaders(facts, { since: record.changedAt })).found
    context.output.note((screen) =>
      [gatesScreen({ gates, to: 'hold' }, screen), ...hiddenLines('would fail', would, screen.width)].join('\n'),
    )
    await context.confirm(id)
    const run = await runStageCommand(context, database, {
      ...{
        migration,
        stage: 'hold',
        record,
        actions,
        verb: 'Hold',
        waitMs: durationOption(options, 'wait') ?? 900_000,
      },
      gates: { read, isOpen: isOpenBeforeFence },
    })
    if (run.closed !== undefined) return refused(run.closed)
    const operator = { who: context.who, host: context.io.host, version: VERSION }
    await recordHiddenBaseline(facts, operator)
    const since = run.record?.changedAt ?? record.changedAt
    const { found: fail } = await readHiddenReaders(facts, { since, operator })
    const names = migration.old.map(({ name }) => heldColumnName(name)).join(', ')
    return {
      ...{ ending: 'done', migration: id, phase: 'hold', gates },
      result: {
        ...figuresOf(run),
        hidden: fail.map(({ kind, who, statement, at }) => ({ kind, who, statement, at })),
      },
      text: ({ width }) =>
        [
          hanging(
            '',
            `[ok] Set the old column of ${id} aside in ${durationText(run.ms)} (lock held ${durationText(run.lockedMs)}): it is ${names} now, and kept in step. A statement that still names it fails with 42703.`,
            width,
          ),
          ...hiddenLines('fails', fail, width),
          hanging('Way back:  ', `expand-contract unhold ${shellWord(id)}: one step, nothing is lost`, width),
        ].join('\n'),
      next: [
        { command: `expand-contract backup ${shellWord(id)}`, why: 'before the drop' },
        { command: `expand-contract wait ${shellWord(id)} --for droppable --timeout 4d` },
      ],
    }
  },
}

/** Those whom the server shows to need the old name. */
const hiddenLines = (what: string, found: readonly HiddenReader[], width: number): readonly string[] =>
  found.slice(0, 5).map((reader) => hanging(`[! ] ${what}: `, hiddenLine(reader), width))

export const unholdCommand: CliCommand = {
  name: 'unhold',
  usage: 'unhold <id>',
  summary: 'gives the old column its name back; nothing was lost meanwhile',
  options: [['--dry-run', 'prints the SQL and changes nothing']],
  examples: ['unhold users.full_name', 'unhold users.full_name --dry-run'],
  wayBack: 'expand-contract hold <id> again',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const config = await context.config()
    await using database = await context.database(id)
    const record = await recordOf(openControl(database.client, config), id)
    const { phase } = record
    if (phase === 'contract') {
      if (options.dryRun !== true) await finishStage(context, database, { migration, stage: 'unhold', record })
      return inPhaseAlready(id, phase)
    }
    if (phase !== 'hold') return notInPhase(id, phase, 'hold')
    const actions = await planOf(context, database, { migration, stage: 'unhold', record })
    if (options.dryRun === true) return dryRunOf('unhold', { id, phase, gates: [] }, actions)
    await context.confirm(id)
    const run = await runStageCommand(context, database, {
      ...{ migration, stage: 'unhold', record, actions, verb: 'Unhold', waitMs: 900_000, figures: { rowsLost: 0 } },
    })
    return {
      ...{ ending: 'done', migration: id, phase: 'contract' },
      result: { ...figuresOf(run), rowsLost: 0 },
      text: `[ok] The old column of ${id} has its name again, in ${durationText(run.ms)} (lock held ${durationText(run.lockedMs)}); 0 rows lost.`,
      next: [{ command: `expand-contract status ${shellWord(id)}` }],
    }
  },
}
