import { setTimeout as delay } from 'node:timers/promises'
import { openControl, readInventory } from '@expand-contract/control'
import type { CommandResult } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import type { OpenDatabase } from '../database.ts'
import type { CliCommand } from '../run-command.ts'
import { statusList, statusScreen } from '../screens/status-screen.ts'
import { byTurn, type MigrationStatus, statusOf } from '../status/migration-status.ts'
import { readStatus } from '../status/read-status.ts'

export const statusCommand: CliCommand = {
  name: 'status',
  usage: 'status [id]',
  summary: 'where migrations stand, and what comes next',
  options: [
    ['-w, --watch', 'draws it again each second, until the phase is another'],
    ['--statements', 'the statements that stay on the old column, or are refused'],
    ['--exit-code', 'ends with 4 where something waits for you'],
  ],
  examples: ['status', 'status users.full_name --watch'],
  async run(context, [id], options) {
    await using database = await context.database(id)
    if (id === undefined) return await statusOfAll(context, database, options)
    return options.watch === true
      ? await watch(context, database, id)
      : await statusOfOne(context, database, { id, options })
  },
}

const needsYou = (status: MigrationStatus): boolean => status.turn === 'act' || status.turn === 'may-act'

async function statusOfAll(
  context: CommandContext,
  { client, facts }: OpenDatabase,
  options: Readonly<Record<string, unknown>>,
): Promise<CommandResult> {
  const control = openControl(client, await context.config())
  const all: MigrationStatus[] = []
  for (const migration of await context.migrations()) all.push(statusOf(await readStatus(control, migration)))
  const sorted = all.toSorted(byTurn)
  const commands = sorted.flatMap(({ command }) => (command === undefined ? [] : [{ command }]))
  return {
    ending: options.exitCode === true && all.some(needsYou) ? 'found' : 'done',
    result: { migrations: sorted.map(asJson) },
    text: statusList(facts, all, new Date()),
    next: commands.slice(0, 1),
  }
}

async function statusOfOne(
  context: CommandContext,
  { client, facts: database }: OpenDatabase,
  { id, options }: { readonly id: string; readonly options: Readonly<Record<string, unknown>> },
): Promise<CommandResult> {
  const control = openControl(client, await context.config())
  const facts = await readStatus(control, await context.migration(id))
  const status = statusOf(facts)
  const statements = options.statements === true ? await readInventory(control, { migration: id, blocking: true }) : []
  return {
    ending: options.exitCode === true && needsYou(status) ? 'found' : 'done',
    migration: id,
    phase: status.phase,
    result: { ...asJson(status), statements },
    text: statusScreen({
      ...{ database, facts, status, statements, now: new Date() },
      all: context.globals.verbose === true,
    }),
    next: status.command === undefined ? [] : [{ command: status.command }],
  }
}

async function watch(context: CommandContext, database: OpenDatabase, id: string): Promise<CommandResult> {
  const { stop, output } = context
  const first = await statusOfOne(context, database, { id, options: {} })
  for (let now = first; ; now = await statusOfOne(context, database, { id, options: {} })) {
    if (stop.signal.aborted || now.phase !== first.phase) return now
    output.progress({ json: { type: 'status', ...now.result }, block: now.text, line: now.text.split('\n')[2] ?? '' })
    await delay(1_000, undefined, { signal: stop.signal }).catch(() => undefined)
  }
}

const asJson = ({ acknowledged, ...status }: MigrationStatus): Readonly<Record<string, unknown>> => ({
  ...status,
  acknowledged: { processes: acknowledged.processes, missing: acknowledged.missing.map(({ id }) => id) },
})
