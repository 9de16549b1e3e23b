import { type MigrationRecord, openControl, readMigration } from '@expand-contract/control'
import { type Migration, type Phase, shellWord } from '@expand-contract/core'
import { checkDeclarationInForce, readFacts, readWayBackLoss, syncShape } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type { CommandResult } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { choiceOption, durationOption, textOption } from '../command-option.ts'
import type { OpenDatabase } from '../database.ts'
import { countText, durationText, timeText } from '../output/duration.ts'
import { PHASE_ORDER } from '../phase-order.ts'
import type { CliCommand } from '../run-command.ts'
import { hanging } from '../screens/layout.ts'
import { planScreen, planSql } from '../screens/plan-screen.ts'
import { checkNobodyFills } from './check-nobody-fills.ts'
import { finishStage, planOf, runStageCommand } from './run-stage-command.ts'
import { ONE_PHASE, readUntoldRollback, rollbackTold, type UntoldRollback } from './untold-rollback.ts'

/** In which the old columns have their names, so that the way from `expand` to `off` can be planned. */
const NAMES_KEPT: ReadonlySet<Phase> = new Set(['switch', 'contract'])

const BACK = ['contract', 'switch', 'expand', 'off'] as const

export const rollbackCommand: CliCommand = {
  name: 'rollback',
  usage: 'rollback <id>',
  summary: 'one phase back; from expand to off the new column is dropped, and from dropped only restore leads back',
  options: [
    ['--to <phase>', 'contract, switch, expand or off: further back at once', BACK],
    ['--dry-run', 'shows what would be done'],
    ['--wait <duration>', 'how long to wait for processes before a column goes: 15m'],
    ['--confirm <name>', 'the new column and the database, where a column is dropped: users.full_name@shop'],
  ],
  examples: ['rollback users.full_name --dry-run', 'rollback users.full_name --to off --confirm users.full_name@shop'],
  wayBack: 'the step again that led there: the old column has all values',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    await using database = await context.database(id)
    await loadParser()
    const to = choiceOption(options, 'to', BACK)
    const { schema } = await context.config()
    const control = openControl(database.client, { schema })
    const record = await readMigration(control, id)
    // Run again after it was killed, it must not lead further back than it was told to.
    if (to !== undefined && to !== 'off' && PHASE_ORDER.indexOf(record?.phase ?? 'off') <= PHASE_ORDER.indexOf(to))
      return notFurther(id, record?.phase ?? 'off', to)
    const untold =
      to !== undefined || options.dryRun === true || record === undefined
        ? undefined
        : await readUntoldRollback(control, record)
    if (untold !== undefined && record !== undefined)
      return await alreadyBack(context, database, { migration, record, untold })
    let gone: CommandResult | undefined
    try {
      for (;;) {
        const done = await back(context, database, { migration, options, named: gone !== undefined && to === 'off' })
        const { phase = 'off' } = done
        if (to === undefined || options.dryRun === true || done.ending !== 'done') return done
        if (PHASE_ORDER.indexOf(phase) <= PHASE_ORDER.indexOf(to)) return done
        gone = done
      }
    } catch (error) {
      if (gone?.phase !== undefined)
        context.output.note(`[! ] A part of the way is done: ${id} is in the phase ${gone.phase} by now.`)
      throw error
    }
  },
}

interface Rollback {
  readonly migration: Migration
  readonly options: Readonly<Record<string, unknown>>
  /** The name of what goes at the end was given for an earlier part of the way. */
  readonly named: boolean
}

/** One phase back, or out of the table. */
async function back(
  context: CommandContext,
  database: OpenDatabase,
  { migration, options, named }: Rollback,
): Promise<CommandResult> {
  const { id } = migration
  const to = textOption(options, 'to')
  const toOff = to === 'off'
  const config = await context.config()
  const control = openControl(database.client, config)
  const record = await readMigration(control, id)
  const phase = record?.phase ?? 'off'
  const facts = await readFacts(database.client, migration, { controlSchema: config.schema })
  checkDeclarationInForce(migration, record, facts)
  const actions = await planOf(context, database, { migration, stage: 'rollback', record })
  if (actions.length === 0) return nothingToDo(id)
  if (phase === 'expand' && options.dryRun !== true) await checkNobodyFills(control, id)
  // What would refuse the last part of the way is asked before the first.
  if (toOff && record !== undefined && NAMES_KEPT.has(phase) && options.dryRun !== true) {
    await checkNobodyFills(control, id)
    await planOf(context, database, { migration, stage: 'rollback', record: { ...record, phase: 'expand' } })
  }
  const stages = [{ name: 'rollback', actions }]
  if (options.dryRun === true)
    return { ending: 'done', migration: id, phase, result: { stages }, text: planSql(stages), bare: true }
  context.output.note((screen) => planScreen({ migration, database: database.facts, stages, ending: '' }, screen))
  const token = `${migration.table.name}.${migration.new.map(({ name }) => name).join('+')}@${database.facts.name}`
  const loss = await lossOf(context, database, { migration, phase })
  if (loss > 0) context.output.note(`[! ] ${lossText(loss)}`)
  if (!named || loss > 0) {
    const flags = toOff ? '--to off' : ''
    if (toOff || phase === 'expand' || phase === 'off')
      await context.confirmName({ id, flags }, token, textOption(options, 'confirm'))
    else await context.confirm(id, to === undefined ? '' : `--to ${to}`)
  }
  const asked = to === undefined ? ONE_PHASE : {}
  const { ms, record: after } = await runStageCommand(context, database, {
    ...{ migration, stage: 'rollback', record, actions, verb: 'Roll back' },
    waitMs: durationOption(options, 'wait') ?? 900_000,
    figures: { rowsLost: 0, notBroughtBack: loss, ...asked },
  })
  return { ...ended({ id, phase, ms, loss }), afterwards: () => tell(context, after) }
}

/** The connection of the command is closed by then. */
async function tell(context: CommandContext, record: MigrationRecord | undefined): Promise<void> {
  if (record === undefined || record.phase === 'off') return
  await using database = await context.database(record.id)
  await rollbackTold(context, openControl(database.client, await context.config()), record)
}

interface AlreadyBack {
  readonly migration: Migration
  readonly record: MigrationRecord
  readonly untold: UntoldRollback
}

/** Run again after it was killed: what was begun is brought to its end, and that is all. */
async function alreadyBack(
  context: CommandContext,
  database: OpenDatabase,
  { migration, record, untold: { from, event, unfinished } }: AlreadyBack,
): Promise<CommandResult> {
  const { id, phase } = record
  if (unfinished) await finishStage(context, database, { migration, stage: 'rollback', record, from })
  return {
    ...{ ending: 'done', migration: id, phase, result: { to: phase, rowsLost: 0, done: 'before' } },
    text: ({ width }) =>
      hanging(
        '',
        `[ok] ${id} is in the phase ${phase}: the rollback from ${from} that ${event.who} began at ${timeText(event.at)} is done. It was stopped before it could say so, so this one has brought it to its end, and goes no further.`,
        width,
      ),
    next: [
      { command: `expand-contract status ${shellWord(id)}` },
      { command: `expand-contract rollback ${shellWord(id)}`, why: `one phase further than ${phase}` },
    ],
    afterwards: () => tell(context, record),
  }
}

const lossText = (rows: number): string =>
  `${countText(rows)} rows have a value in the new column that the old one cannot have: the old column counts again, and the new one follows it where a row is written.`

/** Only from contract on has the new column been the one that counts. */
async function lossOf(
  context: CommandContext,
  { client }: OpenDatabase,
  { migration, phase }: { readonly migration: Migration; readonly phase: Phase },
): Promise<number> {
  if (phase !== 'contract') return 0
  const { schema: controlSchema } = await context.config()
  const facts = await readFacts(client, migration, { controlSchema })
  return facts.table === undefined ? 0 : readWayBackLoss(client, syncShape(migration, { ...facts, table: facts.table }))
}

const nothingToDo = (id: string): CommandResult => ({
  ...{ ending: 'done', migration: id, phase: 'off', result: { to: 'off', rowsLost: 0 } },
  text: `${id} is off, and nothing of it is in the table that a rollback could take away.`,
  next: [{ command: `expand-contract expand ${shellWord(id)}`, why: 'to begin' }],
})

const notFurther = (id: string, phase: Phase, to: Phase): CommandResult => ({
  ...{ ending: 'done', migration: id, phase, result: { to: phase, rowsLost: 0 } },
  text: `${id} is in the phase ${phase} already${phase === to ? '' : `, which comes before ${to}`}; nothing was changed.`,
  next: [{ command: `expand-contract status ${shellWord(id)}` }],
})

interface Ended {
  readonly id: string
  /** Where it came from. */
  readonly phase: Phase
  readonly ms: number
  readonly loss: number
}

const AFTER: Readonly<Record<Phase, readonly [to: Phase, text: string]>> = {
  dropped: ['dropped', ''],
  hold: ['contract', 'The old column has its name again.'],
  contract: [
    'switch',
    'The old column counts again, with its default and NOT NULL, and the flag decides what is read.',
  ],
  switch: ['expand', 'Reads follow within a second, and the flag is ignored.'],
  expand: ['off', 'The new column and the sync trigger are gone.'],
  off: ['off', 'The new column and the sync trigger are gone.'],
}

function ended({ id, phase, ms, loss }: Ended): CommandResult {
  const [to, text] = AFTER[phase]
  const kept = loss === 0 ? '' : ` ${lossText(loss)}`
  const again = to === 'off' ? { command: `expand-contract expand ${shellWord(id)}`, why: 'to begin again' } : undefined
  const is = to === 'off' ? 'is off' : `is in the phase ${to} again`
  return {
    ...{ ending: 'done', migration: id, phase: to },
    result: { to, ms: Math.round(ms), rowsLost: 0, notBroughtBack: loss },
    text: ({ width }) => hanging('', `[ok] ${id} ${is}, in ${durationText(ms)}; 0 rows lost. ${text}${kept}`, width),
    next: [again ?? { command: `expand-contract status ${shellWord(id)}` }],
  }
}
