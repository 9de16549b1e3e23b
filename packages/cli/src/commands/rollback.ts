import { openControl, readMigration } from '@expand-contract/control'
import type { Migration, Phase } from '@expand-contract/core'
import {
  type Acknowledgement,
  checkDeclarationInForce,
  controlHandlers,
  executeActions,
  fleetWaits,
  readFacts,
  readParityFacts,
  rollback,
} from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type { CommandResult } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { choiceOption, durationOption, textOption } from '../command-option.ts'
import type { OpenDatabase } from '../database.ts'
import { durationText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { planScreen, planSql } from '../screens/plan-screen.ts'
import { VERSION } from '../version.ts'
import { withLease } from './operator-lease.ts'
import { runnerProgress } from './runner-progress.ts'
import { showReplicas } from './show-replicas.ts'

export const rollbackCommand: CliCommand = {
  name: 'rollback',
  usage: 'rollback <id>',
  summary: 'one phase back: from switch to expand, from expand to off, where the new column is dropped',
  options: [
    ['--to <phase>', 'expand or off: further back at once'],
    ['--dry-run', 'shows what would be done'],
    ['--wait <duration>', 'how long to wait for processes before a column goes: 15m'],
    ['--confirm <name>', 'the new column and the database, where a column is dropped: users.full_name@shop'],
  ],
  examples: ['rollback users.full_name --dry-run', 'rollback users.full_name --to off --confirm users.full_name@shop'],
  wayBack: 'expand again: the old column has all values',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    await using database = await context.database(id)
    await loadParser()
    const first = await back(context, database, { migration, options })
    const further = choiceOption(options, 'to', ['expand', 'off']) === 'off' && first.phase === 'expand'
    return further && options.dryRun !== true ? await back(context, database, { migration, options }) : first
  },
}

interface Rollback {
  readonly migration: Migration
  readonly options: Readonly<Record<string, unknown>>
}

/** One phase back, or out of the table. */
async function back(
  context: CommandContext,
  database: OpenDatabase,
  { migration, options }: Rollback,
): Promise<CommandResult> {
  const { id } = migration
  const config = await context.config()
  const control = openControl(database.client, config)
  const record = await readMigration(control, id)
  const phase = record?.phase ?? 'off'
  const facts = await readFacts(database.client, migration, { controlSchema: config.schema })
  checkDeclarationInForce(migration, record, facts)
  const parity = await readParityFacts(database.client, migration, { controlSchema: config.schema })
  const actions = rollback.plan(migration, facts, { phase, parity })
  if (actions.length === 0) return nothingToDo(id)
  const stages = [{ name: 'rollback', actions }]
  if (options.dryRun === true)
    return { ending: 'done', migration: id, phase, result: { stages }, text: planSql(stages), bare: true }
  context.output.note((screen) => planScreen({ migration, database: database.facts, stages, ending: '' }, screen))
  const token = `${migration.table.name}.${migration.new.map(({ name }) => name).join('+')}@${database.facts.name}`
  if (phase === 'switch') await context.confirm(id)
  else await context.confirmName(id, token, textOption(options, 'confirm'))
  const watched = { verb: 'Roll back', migration, database: database.facts, actions, ...config.ddl }
  const watch = runnerProgress(context, watched)
  const started = performance.now()
  const leaseControl = openControl(await database.connect(), config)
  const { who, io, stop } = context
  await withLease(context, leaseControl, {
    migration: id,
    work: (lease) =>
      executeActions(database.client, actions, {
        ...{ operation: 'rollback', signal: stop.signal, onEvent: watch.onEvent, ...config.ddl },
        handlers: {
          ...controlHandlers({
            ...{ migration, record, lease, controlSchema: config.schema },
            operator: { who, host: io.host, version: VERSION },
          }),
          wait: fleetWaits(control, {
            ...{ migration, signal: stop.signal, waitMs: durationOption(options, 'wait') ?? 900_000 },
            onWait: (seen) => showWaiting(context, id, seen),
            onReplicas: showReplicas(context, id),
          }),
        },
      }),
  })
  return ended({ id, phase, ms: performance.now() - started })
}

const nothingToDo = (id: string): CommandResult => ({
  ...{ ending: 'done', migration: id, phase: 'off', result: { to: 'off', rowsLost: 0 } },
  text: `${id} is off, and nothing of it is in the table that a rollback could take away.`,
  next: [{ command: `expand-contract expand ${id}`, why: 'to begin' }],
})

function showWaiting({ output }: CommandContext, migration: string, { missing, processes }: Acknowledgement): void {
  const names = missing.map(({ id }) => id)
  output.progress({
    json: { type: 'wait', migration, for: 'acknowledged', missing: names },
    block: `[..] waiting for ${missing.length} of ${processes.length} processes: ${names.join(', ')}`,
    line: `rollback ${migration} waiting missing=${names.join(',')}`,
  })
}

function ended({ id, phase, ms }: { readonly id: string; readonly phase: Phase; readonly ms: number }): CommandResult {
  const figures = { ms: Math.round(ms), rowsLost: 0 }
  const took = `in ${durationText(ms)}; 0 rows lost`
  return phase === 'switch'
    ? {
        ...{ ending: 'done', migration: id, phase: 'expand', result: { to: 'expand', ...figures } },
        text: `[ok] ${id} is in the phase expand again, ${took}. Reads follow within a second, and the flag is ignored.`,
        next: [{ command: `expand-contract status ${id}` }],
      }
    : {
        ...{ ending: 'done', migration: id, phase: 'off', result: { to: 'off', ...figures } },
        text: `[ok] ${id} is off: the new column and the sync trigger are gone, ${took}.`,
        next: [{ command: `expand-contract expand ${id}`, why: 'to begin again' }],
      }
}
