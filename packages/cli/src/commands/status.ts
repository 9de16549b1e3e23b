import { setTimeout as delay } from 'node:timers/promises'
import {
  type Control,
  checkControl,
  type MigrationRecord,
  openControl,
  readEvents,
  readInventory,
  readMigrations,
} from '@expand-contract/control'
import { ExpandContractError, type Migration } from '@expand-contract/core'
import {
  type BypassSample,
  type GateFacts,
  type HiddenReader,
  type RunnerClient,
  readBypassSamples,
  readHiddenReaders,
  readSyncTrigger,
} from '@expand-contract/runner'
import type { CommandResult } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import type { OpenDatabase } from '../database.ts'
import type { CliCommand } from '../run-command.ts'
import { statusList } from '../screens/status-list.ts'
import { statusScreen } from '../screens/status-screen.ts'
import { byTurn, type MigrationStatus, statusOf } from '../status/migration-status.ts'
import { readNextGates } from '../status/next-gates.ts'
import { readStatus } from '../status/read-status.ts'
import { undeclared } from '../status/undeclared.ts'
import { withGates } from '../status/with-gates.ts'

export const statusCommand: CliCommand = {
  name: 'status',
  usage: 'status [id]',
  summary: 'where migrations stand, and what comes next',
  options: [
    ['-w, --watch', 'draws it again each second, until the phase is another'],
    ['--statements', 'the statements that stay on the old column, or are refused'],
    ['--all', 'every process and statement, where a list is cut otherwise'],
    ['--exit-code', 'ends with 4 where something waits for you'],
  ],
  examples: ['status', 'status users.full_name --watch'],
  async run(context, [id], options) {
    const migration = id === undefined ? undefined : await context.migration(id)
    await using database = await context.database(id)
    const other = await otherVersion(openControl(database.client, await context.config()))
    const read = (): Promise<CommandResult> =>
      migration === undefined
        ? statusOfAll(context, database, options)
        : statusOfOne(context, database, { migration, options })
    try {
      const result = options.watch === true ? await watch(context, read) : await read()
      return other === undefined ? result : withVersion(result, other)
    } catch (error) {
      // Of a part that is missing there is no more to say than that all of it is older.
      throw other !== undefined && ExpandContractError.isInstance(error) && error.code === other.code ? other : error
    }
  },
}

const VERSIONS: ReadonlySet<string> = new Set(['EC_CONTROL_MISSING', 'EC_CONTROL_NEWER'])

/** The control schema is of another version than this library works with. */
async function otherVersion(control: Control): Promise<ExpandContractError | undefined> {
  try {
    await checkControl(control)
    return undefined
  } catch (error) {
    if (ExpandContractError.isInstance(error) && VERSIONS.has(error.code)) return error
    return undefined
  }
}

const withVersion = (result: CommandResult, { code, message }: ExpandContractError): CommandResult => ({
  ...result,
  warnings: [...(result.warnings ?? []), message.replaceAll(/\s*\n\s*/gu, ' ')],
  next: [
    ...(code === 'EC_CONTROL_MISSING'
      ? [{ command: 'expand-contract init', why: 'brings the control schema up to date' }]
      : []),
    ...(result.next ?? []),
  ],
})

type Options = Readonly<Record<string, unknown>>

const needsYou = (status: MigrationStatus): boolean => status.turn === 'act' || status.turn === 'may-act'

async function statusOfAll(
  context: CommandContext,
  { client, facts: database }: OpenDatabase,
  options: Options,
): Promise<CommandResult> {
  const control = openControl(client, await context.config())
  const migrations = await context.migrations()
  const all: MigrationStatus[] = [...undeclared(await readMigrations(control), migrations)]
  const now = new Date()
  for (const migration of migrations) all.push(await statusInList(context, { control, client, migration }, now))
  const sorted = all.toSorted(byTurn)
  const commands = sorted.flatMap(({ command }) => (command === undefined ? [] : [{ command }]))
  return {
    ending: options.exitCode === true && all.some(needsYou) ? 'found' : 'done',
    result: { migrations: sorted.map(asJson) },
    text: (screen) => statusList({ database, all, now }, screen),
    next: commands.slice(0, 1),
  }
}

/** One whose gates cannot be read is not left out for it. */
async function statusInList(context: CommandContext, facts: GateFacts, now: Date): Promise<MigrationStatus> {
  const status = statusOf(await readStatus(facts.control, facts.migration, facts.client))
  if (status.turn === 'working') return status
  try {
    return withGates(status, await readNextGates(status.phase, facts, await context.config()), now)
  } catch (error) {
    if (Object(error).code === '42501')
      return {
        ...status,
        next: 'status',
        command: undefined,
        state: `${status.state}; this role may not read its gates`,
      }
    if (!ExpandContractError.isInstance(error)) throw error
    const [state] = error.message.split('\n')
    return { ...status, turn: 'act', state: state ?? error.code, next: 'status' }
  }
}

async function statusOfOne(
  context: CommandContext,
  { client, facts: database }: OpenDatabase,
  { migration, options }: { readonly migration: Migration; readonly options: Options },
): Promise<CommandResult> {
  const { id } = migration
  const config = await context.config()
  const control = openControl(client, config)
  const facts = await readStatus(control, migration, client)
  const statements =
    options.statements === true ? await readInventory(control, { migration: id, blocking: true }) : undefined
  const now = new Date()
  const said = statusOf(facts)
  const gates = await readNextGates(said.phase, { control, client, migration }, config)
  const status = withGates(said, gates, now)
  const trigger = await readSyncTrigger(client, migration, { controlSchema: config.schema }).catch(() => undefined)
  const bypassed = trigger?.bypassed === undefined ? undefined : Number(trigger.bypassed)
  const writers = await readWriters(client, migration, config.schema)
  // In hold they stand in the gates.
  const hidden = status.phase === 'contract' ? await readWouldFail({ control, client, migration }, facts.record) : []
  const without = await readWithout({ control, id })
  const all = options.all === true || context.globals.verbose === true
  const view = { database, facts, status, statements, gates, writers, bypassed, hidden, without, all, now }
  return {
    ending: options.exitCode === true && needsYou(status) ? 'found' : 'done',
    ...{ migration: id, phase: status.phase, gates: gates?.gates },
    result: { ...asJson(status), statements, writers, bypassed },
    text: (screen) => statusScreen(view, screen),
    next: status.command === undefined ? [] : [{ command: status.command, why: whyNext(status, migration.flag) }],
  }
}

/** The soak runs once the flag sends all reads to the new column. */
const whyNext = ({ next }: MigrationStatus, flag: string | undefined): string | undefined =>
  next === 'raise flag' && flag !== undefined ? `raise the flag ${flag} until all reads are new` : undefined

/** Who writes one side alone; a role that may not read it is told nothing. */
async function readWriters(
  client: RunnerClient,
  migration: Migration,
  controlSchema: string,
): Promise<readonly BypassSample[] | undefined> {
  return readBypassSamples(client, migration, { controlSchema }).catch(() => undefined)
}

/** What was accepted in this life of the migration. */
async function readWithout({ control, id }: { readonly control: Control; readonly id: string }): Promise<string[]> {
  const events = await readEvents(control, { migration: id, limit: 1_000 })
  const begun = events.findLastIndex(({ kind, figures }) => kind === 'phase' && figures.to === 'expand')
  return events
    .slice(begun + 1)
    .filter(({ kind }) => kind === 'parity-accepted')
    .map(({ figures: { names, reason }, who }) => `${Array.isArray(names) ? names.join(', ') : ''} (${who}: ${reason})`)
}

/** Who would fail once the old column is set aside. */
async function readWouldFail(facts: GateFacts, record: MigrationRecord | undefined): Promise<readonly HiddenReader[]> {
  if (record === undefined) return []
  return (await readHiddenReaders(facts, { since: record.changedAt })).found
}

/** Until it is stopped, or the phase of the one that is watched is another. */
async function watch({ stop, output }: CommandContext, read: () => Promise<CommandResult>): Promise<CommandResult> {
  const first = await read()
  for (let now = first; ; now = await read()) {
    if (stop.signal.aborted || now.phase !== first.phase) return now
    const { text, migration, phase, result } = now
    output.progress({
      json: { type: 'step', migration: migration ?? null, step: 'status', detail: result },
      block: text,
      line: `status ${migration ?? 'all'} phase=${phase ?? '-'}`,
    })
    await delay(1_000, undefined, { signal: stop.signal }).catch(() => undefined)
  }
}

const asJson = ({ acknowledged, ...status }: MigrationStatus): Readonly<Record<string, unknown>> => ({
  ...status,
  acknowledged: { processes: acknowledged.processes, missing: acknowledged.missing.map(({ id }) => id) },
})
