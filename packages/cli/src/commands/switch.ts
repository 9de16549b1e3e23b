import { appendEvent, openControl } from '@expand-contract/control'
import { controlHandlers, executeActions, readFacts, readSwitchGates, switchReads } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import { cliError } from '../cli-error.ts'
import { textOption } from '../command-option.ts'
import type { CliCommand } from '../run-command.ts'
import { gatesScreen } from '../screens/gates-screen.ts'
import { VERSION } from '../version.ts'
import { recordOf } from './check-begun.ts'
import { withLease } from './operator-lease.ts'
import { runnerProgress } from './runner-progress.ts'

export const switchCommand: CliCommand = {
  name: 'switch',
  usage: 'switch <id>',
  summary: 'lets the flag decide which column is read; refused until every gate is met',
  options: [
    ['--dry-run', 'shows the gates and changes nothing'],
    ['--accept-loss', 'old values that do not come back are known, and meant'],
    ['--reason <text>', 'why; recorded with --accept-loss'],
  ],
  examples: ['switch users.full_name --dry-run', 'switch users.full_name'],
  wayBack: 'turn the flag off: no deploy, nothing lost; expand-contract rollback <id> leads back to expand',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const config = await context.config()
    await using database = await context.database(id)
    const control = openControl(database.client, config)
    await loadParser()
    const record = await recordOf(control, id)
    const { phase } = record
    if (phase !== 'expand')
      return {
        ...{ ending: 'done', migration: id, phase, result: { switched: false } },
        text: `${id} is in the phase ${phase} already.`,
        next: [{ command: `expand-contract status ${id}` }],
      }
    const acceptLoss = options.acceptLoss === true
    const reason = textOption(options, 'reason')
    if (acceptLoss && reason === undefined)
      throw cliError('EC_USAGE', {
        message: '--accept-loss needs a reason.',
        hint: 'Add --reason "...": it is recorded.',
      })
    const gates = await readSwitchGates({ control, client: database.client, migration }, { acceptLoss })
    const open = gates.filter(({ ok }) => !ok)
    const asGates = gates.map(({ id: gate, ok, detail, remedy }) => ({
      ...{ id: gate, ok, detail },
      remedy: remedy === undefined ? undefined : { command: `expand-contract ${remedy}` },
    }))
    const screen = gatesScreen(gates, 'switch')
    if (open.length > 0 || options.dryRun === true) {
      const refused = open.length > 0
      const head = refused ? `Refused: ${id} stays in the phase expand. Nothing was changed.\n\n` : ''
      const remedies = open.flatMap(({ remedy }) =>
        remedy === undefined ? [] : [{ command: `expand-contract ${remedy}` }],
      )
      return {
        ...{ ending: refused ? 'refused' : 'done', migration: id, phase, result: { switched: false }, gates: asGates },
        text: `${head}${screen}\n\nMeanwhile applications write both columns and read the old one. Waiting costs nothing.`,
        next: refused ? remedies.slice(0, 1) : [{ command: `expand-contract switch ${id}` }],
      }
    }
    context.output.note(screen)
    await context.confirm(id)
    const { who, io } = context
    const leaseControl = openControl(await database.connect(), config)
    const facts = await readFacts(database.client, migration, { controlSchema: config.schema })
    const watch = runnerProgress(context, id)
    await withLease(context, leaseControl, {
      migration: id,
      work: (lease) =>
        executeActions(database.client, switchReads.plan(migration, facts, {}), {
          ...{ operation: 'switch', signal: context.stop.signal, onEvent: watch.onEvent, ...config.ddl },
          handlers: controlHandlers({
            ...{ migration, record, lease, controlSchema: config.schema },
            operator: { who, host: io.host, version: VERSION },
          }),
        }),
    })
    const moved = await recordOf(control, id)
    if (acceptLoss)
      await appendEvent(control, {
        ...{ migration: id, kind: 'loss-accepted', who, host: io.host, version: VERSION },
        figures: { reason },
      })
    const flag =
      migration.flag === undefined
        ? 'It has no flag, so reads stay on the old column.'
        : `The flag ${migration.flag} decides from now on.`
    return {
      ...{
        ending: 'done',
        migration: id,
        phase: moved.phase,
        result: { switched: true, epoch: moved.epoch },
        gates: asGates,
      },
      text: `[ok] Switched ${id}. ${flag} Nothing reads the new column that the flag does not send there.`,
      next: [{ command: `expand-contract status ${id} --watch`, why: 'as the flag is raised' }],
    }
  },
}
