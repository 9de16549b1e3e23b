import { appendEvent, type MigrationRecord, openControl, readFleet } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import {
  controlHandlers,
  executeActions,
  fleetWaits,
  type PlanComparison,
  type PlansGate,
  readFacts,
  readPlansGate,
  readSwitchGates,
  switchReads,
} from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import { cliError } from '../cli-error.ts'
import type { CommandResult, Gate } from '../command.ts'
import { durationOption, textOption } from '../command-option.ts'
import type { CliCommand } from '../run-command.ts'
import { gatesScreen } from '../screens/gates-screen.ts'
import { hanging } from '../screens/layout.ts'
import { plansScreen } from '../screens/plans-screen.ts'
import type { Screen, ScreenOptions } from '../screens/screen.ts'
import { newReads } from '../status/migration-status.ts'
import { asGates, remediesOf } from '../status/next-gates.ts'
import { VERSION } from '../version.ts'
import { acceptedParity, acceptedPlans } from './accepted.ts'
import { recordOf } from './check-begun.ts'
import { withLease } from './operator-lease.ts'
import { runnerProgress } from './runner-progress.ts'
import { showReplicas } from './show-replicas.ts'
import { waitForGates } from './wait-for-gates.ts'

export const switchCommand: CliCommand = {
  name: 'switch',
  usage: 'switch <id>',
  summary: 'lets the flag decide which column is read; refused until every gate is met',
  options: [
    ['--dry-run', 'shows the gates and changes nothing'],
    ['--wait <duration>', 'waits so long for gates that open by themselves, such as acknowledged, and for replicas'],
    ['--accept-loss', 'old values that do not come back are known, and meant'],
    ['--accept <names...>', 'parity:<name> or plans:<fingerprint>: what it goes without, or may be dearer'],
    ['--reason <text>', 'why; recorded with --accept-loss and --accept'],
  ],
  examples: ['switch users.full_name --dry-run', 'switch users.full_name --wait 15m'],
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
        next: [{ command: `expand-contract status ${shellWord(id)}` }],
      }
    const acceptLoss = options.acceptLoss === true
    const reason = textOption(options, 'reason')
    const accepted = acceptedPlans(options)
    const acceptParity = acceptedParity(options)
    if ((acceptLoss || accepted.length + acceptParity.length > 0) && reason === undefined)
      throw cliError('EC_USAGE', {
        message: `${acceptLoss ? '--accept-loss' : '--accept'} needs a reason.`,
        hint: 'Add --reason "...": it is recorded.',
      })
    const wait = durationOption(options, 'wait')
    const gateFacts = { control, client: database.client, migration }
    const declared = await context.migrations()
    let plans: PlansGate | undefined
    const read = async (): Promise<readonly Gate[]> => {
      const others = await readSwitchGates(gateFacts, { acceptLoss, acceptParity })
      // It plans every statement: once, and again when all else is met.
      if (plans === undefined || others.every(({ ok }) => ok))
        plans = await readPlansGate(gateFacts, { declared, accepted })
      return asGates([...others, plans])
    }
    const { gates, gaveUp } =
      wait === undefined ? { gates: await read(), gaveUp: false } : await waitForGates(context, { id, ms: wait, read })
    const compared = plans?.plans
    const verbose = context.globals.verbose === true ? compared : undefined
    const screen = (options: ScreenOptions): string =>
      [gatesScreen({ gates, to: 'switch' }, options), ...plansScreen(verbose)].join('\n\n')
    if (gates.some(({ ok }) => !ok)) return refusal({ id, phase, gates, gaveUp, screen, compared })
    if (options.dryRun === true)
      return {
        ...{ ending: 'done', migration: id, phase, result: { switched: false, plans: compared }, gates, text: screen },
        next: [{ command: `expand-contract switch ${shellWord(id)}` }],
      }
    context.output.note(screen)
    await context.confirm(id)
    const { who, io } = context
    const leaseControl = openControl(await database.connect(), config)
    const facts = await readFacts(database.client, migration, { controlSchema: config.schema })
    const actions = switchReads.plan(migration, facts, {})
    const watched = { verb: 'Switch', migration, database: database.facts, actions, ...config.ddl }
    const watch = runnerProgress(context, watched)
    let closed: readonly Gate[] = []
    await withLease(context, leaseControl, {
      migration: id,
      work: async (lease) => {
        // While somebody read the question, another may have verified, and found something.
        const again = await readSwitchGates(gateFacts, { acceptLoss, acceptParity })
        if (again.some(({ ok }) => !ok)) closed = asGates([...again, ...(plans === undefined ? [] : [plans])])
        if (closed.length > 0) return
        // Ahead of it, so that it is on record whatever becomes of this process.
        if (acceptLoss)
          await appendEvent(control, {
            ...{ migration: id, kind: 'loss-accepted', who, host: io.host, version: VERSION },
            figures: { reason },
          })
        for (const { fingerprint, ratio } of compared?.named.filter((each) => each.dearer && each.accepted) ?? [])
          await appendEvent(control, {
            ...{ migration: id, kind: 'plan-accepted', who, host: io.host, version: VERSION },
            figures: { fingerprint, ratio: Number(ratio.toFixed(2)), reason },
          })
        if (acceptParity.length > 0)
          await appendEvent(control, {
            ...{ migration: id, kind: 'parity-accepted', who, host: io.host, version: VERSION },
            figures: { names: acceptParity, reason },
          })
        await executeActions(database.client, actions, {
          ...{ operation: 'switch', signal: context.stop.signal, onEvent: watch.onEvent, ...config.ddl },
          handlers: {
            ...controlHandlers({
              ...{ migration, record, lease, controlSchema: config.schema },
              operator: { who, host: io.host, version: VERSION },
            }),
            wait: fleetWaits(control, {
              ...{ migration, signal: context.stop.signal, waitMs: wait ?? 900_000 },
              onReplicas: showReplicas(context, id),
            }),
          },
        })
      },
    })
    if (closed.length > 0)
      return refusal({
        ...{ id, phase, gates: closed, gaveUp: false, compared },
        screen: (options) => gatesScreen({ gates: closed, to: 'switch' }, options),
      })
    const back = `expand-contract rollback ${shellWord(id)} leads to the phase expand, 0 rows lost`
    const moved = await recordOf(control, id)
    const share = newReads(id, await readFleet(control))
    const seen = share === undefined ? '' : ` (now ${share.toFixed(0)} %)`
    const flag =
      migration.flag === undefined
        ? 'It has no flag, so reads stay on the old column.'
        : `The flag ${migration.flag} decides from now on${seen}.`
    return {
      ...{
        ending: 'done',
        migration: id,
        phase: moved.phase,
        result: { switched: true, epoch: moved.epoch, plans: compared },
        gates,
      },
      text: ({ width }) =>
        [
          hanging(
            '',
            `[ok] Switched ${id}. ${flag} Nothing reads the new column that the flag does not send there.`,
            width,
          ),
          hanging('Way back:  ', migration.flag === undefined ? back : `turn the flag off; ${back}`, width),
        ].join('\n'),
      next: [{ command: `expand-contract status ${shellWord(id)} --watch`, why: 'as the flag is raised' }],
    }
  },
}

interface Refused {
  readonly id: string
  readonly phase: MigrationRecord['phase']
  readonly gates: readonly Gate[]
  readonly gaveUp: boolean
  readonly screen: Screen
  readonly compared: PlanComparison | undefined
}

/** Nothing was changed; where it has waited in vain, it may be run again as it is. */
function refusal({ id, phase, gates, gaveUp, screen, compared }: Refused): CommandResult {
  const head = `Refused (EC_GATE): ${id} stays in phase ${phase}. Nothing was changed.`
  return {
    ...{ ending: gaveUp ? 'gaveUp' : 'refused', migration: id, phase, gates },
    result: { switched: false, plans: compared },
    error: { code: 'EC_GATE', message: head },
    text: (options) =>
      [
        hanging('', head, options.width),
        '',
        screen(options),
        '',
        hanging(
          'Meanwhile: ',
          'applications write both columns and read the old one. Waiting costs nothing.',
          options.width,
        ),
      ].join('\n'),
    next: remediesOf(gates).slice(0, 1),
  }
}
