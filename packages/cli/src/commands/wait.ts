import { setTimeout as delay } from 'node:timers/promises'
import { openControl } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import { type GateFacts, readSwitchGates } from '@expand-contract/runner'
import type { Gate } from '../command.ts'
import { choiceOption, durationOption } from '../command-option.ts'
import { durationText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { hanging } from '../screens/layout.ts'
import { asGates, remediesOf } from '../status/next-gates.ts'
import { recordOf } from './check-begun.ts'

const gateOfSwitch =
  (id: string) =>
  async (facts: GateFacts): Promise<readonly Gate[]> =>
    asGates(await readSwitchGates(facts)).filter((gate) => gate.id === id)

/** What can be waited for: gates that must all be met. */
const CONDITIONS = {
  acknowledged: gateOfSwitch('acknowledged'),
  backfilled: gateOfSwitch('backfilled'),
  verified: gateOfSwitch('verified'),
} as const satisfies Readonly<Record<string, (facts: GateFacts) => Promise<readonly Gate[]>>>

type Condition = keyof typeof CONDITIONS
const NAMES = Object.keys(CONDITIONS) as readonly Condition[]

export const waitCommand: CliCommand = {
  name: 'wait',
  usage: 'wait <id>',
  summary: 'waits for a condition, for scripts and pipelines',
  options: [
    ['--for <condition>', `${NAMES.join(', ')}; acknowledged without it`],
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
    const control = openControl(database.client, await context.config())
    const { stop, output } = context
    const started = performance.now()
    for (;;) {
      const { phase } = await recordOf(control, id)
      const gates = await CONDITIONS[condition]({ control, client: database.client, migration })
      const met = gates.every(({ ok }) => ok)
      const ms = performance.now() - started
      const detail = gates.map((gate) => gate.detail).join('; ')
      if (met || stop.signal.aborted || ms >= timeout)
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
      await delay(Math.min(1_000, timeout - ms), undefined, { signal: stop.signal }).catch(() => undefined)
    }
  },
}
