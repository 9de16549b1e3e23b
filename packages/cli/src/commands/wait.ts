import { setTimeout as delay } from 'node:timers/promises'
import { openControl } from '@expand-contract/control'
import { type Gate, readSwitchGates } from '@expand-contract/runner'
import { choiceOption, durationOption } from '../command-option.ts'
import { durationText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { recordOf } from './check-begun.ts'

const CONDITIONS = ['acknowledged', 'backfilled', 'verified'] as const

export const waitCommand: CliCommand = {
  name: 'wait',
  usage: 'wait <id>',
  summary: 'waits for a condition, for scripts and pipelines',
  options: [
    ['--for <condition>', `${CONDITIONS.join(', ')}; acknowledged without it`],
    ['--timeout <duration>', 'gives up after this long: 15m'],
  ],
  examples: [
    'wait users.full_name --for acknowledged --timeout 15m',
    'wait users.full_name --for backfilled --timeout 4h',
  ],
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const condition = choiceOption(options, 'for', CONDITIONS) ?? 'acknowledged'
    const timeout = durationOption(options, 'timeout') ?? 900_000
    await using database = await context.database(id)
    const control = openControl(database.client, await context.config())
    const { phase } = await recordOf(control, id)
    const { stop, output } = context
    const started = performance.now()
    for (;;) {
      const gates = await readSwitchGates({ control, client: database.client, migration })
      const gate = gates.find((each) => each.id === condition)
      const ms = performance.now() - started
      if (gate?.ok === true || stop.signal.aborted || ms >= timeout)
        return {
          ...{ ending: gate?.ok === true ? 'done' : 'gaveUp', migration: id, phase },
          result: { condition, met: gate?.ok === true, ms: Math.round(ms), detail: gate?.detail },
          text: `${gate?.ok === true ? '[ok]' : '[no]'} ${condition} after ${durationText(ms)}: ${gate?.detail ?? ''}`,
          next: nextOf(gate),
        }
      output.progress({
        json: { type: 'wait', migration: id, condition, detail: gate?.detail },
        block: `[..] waiting for ${condition}: ${gate?.detail ?? ''}`,
        line: `wait ${id} for=${condition} ${gate?.detail ?? ''}`,
      })
      await delay(1_000, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  },
}

const nextOf = (gate: Gate | undefined): readonly { readonly command: string }[] =>
  gate === undefined || gate.ok || gate.remedy === undefined ? [] : [{ command: `expand-contract ${gate.remedy}` }]
