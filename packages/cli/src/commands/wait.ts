import { setTimeout as delay } from 'node:timers/promises'
import { type Operator, openControl } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import {
  checkDeclaration,
  type GateFacts,
  lookAtSoak,
  readAcknowledgedGate,
  readDropGates,
  readHoldGates,
  readSwitchGates,
  soakGate,
} from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import type { Gate } from '../command.ts'
import { choiceOption, durationOption } from '../command-option.ts'
import { durationText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { hanging } from '../screens/layout.ts'
import { asGates, remediesOf, type StageTimes } from '../status/next-gates.ts'
import { VERSION } from '../version.ts'
import { recordOf } from './check-begun.ts'

type Read = (facts: GateFacts, asked: Asked) => Promise<readonly Gate[]>

interface Asked {
  readonly times: StageTimes
  /** In whose name a restart of the soak, or a hidden reader, goes into the timeline. */
  readonly operator: Operator
}

const gateOfSwitch =
  (id: string): Read =>
  async (facts) =>
    asGates(await readSwitchGates(facts)).filter((gate) => gate.id === id)

/** What can be waited for: gates that must all be met. */
const CONDITIONS = {
  // In every phase, also in those whose table has one side of the columns.
  acknowledged: async (facts) => asGates([await readAcknowledgedGate(facts)]),
  backfilled: gateOfSwitch('backfilled'),
  verified: gateOfSwitch('verified'),
  soaked: async (facts, { times, operator }) =>
    asGates([soakGate(facts.migration.id, await lookAtSoak(facts, { wantedMs: times.soakMs, operator }))]),
  holdable: async (facts) => asGates(await readHoldGates(facts)),
  droppable: async (facts, { times, operator }) =>
    asGates(await readDropGates(facts, { holdMs: times.holdMs, operator })),
} as const satisfies Readonly<Record<string, Read>>

type Condition = keyof typeof CONDITIONS
const NAMES = Object.keys(CONDITIONS) as readonly Condition[]

export const waitCommand: CliCommand = {
  name: 'wait',
  usage: 'wait <id>',
  summary: 'waits for a condition, for scripts and pipelines',
  options: [
    ['--for <condition>', `${NAMES.join(', ')}; acknowledged without it`, NAMES],
    ['--timeout <duration>', 'gives up after this long: 15m'],
  ],
  examples: [
    'wait users.full_name --for acknowledged --timeout 15m',
    'wait users.full_name --for backfilled --timeout 4h',
  ],
  async run(context, [id = ''], options) {
    const condition = choiceOption(options, 'for', NAMES) ?? 'acknowledged'
    const timeout = durationOption(options, 'timeout') ?? 900_000
    const migration: Migration = await context.migration(id)
    await using database = await context.database(id)
    const config = await context.config()
    const control = openControl(database.client, config)
    const asked: Asked = { times: config, operator: { who: context.who, host: context.io.host, version: VERSION } }
    await loadParser()
    const { stop, output } = context
    const started = performance.now()
    // What is missing is told once, however soon the time is up.
    for (let told = false; ; told = true) {
      const record = await recordOf(control, id)
      checkDeclaration(migration, record)
      const { phase } = record
      const gates = await CONDITIONS[condition]({ control, client: database.client, migration }, asked)
      const met = gates.every(({ ok }) => ok)
      const ms = performance.now() - started
      const detail = gates.map((gate) => gate.detail).join('; ')
      if (met || stop.signal.aborted || (told && ms >= timeout))
        return {
          ...{ ending: met ? 'done' : 'gaveUp', migration: id, phase, gates },
          result: { condition, met, ms: Math.round(ms), detail },
          text: ({ width }) =>
            hanging(`${met ? '[ok]' : '[no]'} `, `${condition} after ${durationText(ms)}: ${detail}`, width),
          next: remediesOf(gates).filter(({ command }) => !command.includes(' wait ')),
        }
      output.progress({
        json: { type: 'wait', migration: id, for: condition, detail },
        block: ({ width }) =>
          hanging(
            '[..] ',
            `waiting for ${condition} for ${durationText(performance.now() - started)}: ${detail}`,
            width,
          ),
        line: `wait ${id} for=${condition} detail=${JSON.stringify(detail)}`,
      })
      await delay(Math.min(1_000, Math.max(0, Math.ceil(timeout - ms) + 1)), undefined, { signal: stop.signal }).catch(
        () => undefined,
      )
    }
  },
}
