import { setTimeout as delay } from 'node:timers/promises'
import { openControl } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import type { CommandContext } from '../command-context.ts'
import { durationOption, textOption } from '../command-option.ts'
import { type Measured, RunningMeasurement } from '../measure/take-measurement.ts'
import { durationText } from '../output/duration.ts'
import { PHASE_ORDER } from '../phase-order.ts'
import type { CliCommand } from '../run-command.ts'
import { measureScreen } from '../screens/measure-screen.ts'
import { VERSION } from '../version.ts'

/** Noise of what the server counts is what differs between so many parts of the time. */
const PARTS = 10

export const measureCommand: CliCommand = {
  name: 'measure',
  usage: 'measure [id]',
  summary:
    'how long statements take in each stage, what writes, sizes and WAL of the table are, and how that was before; recorded',
  options: [
    ['--for <duration>', 'how long to look at what the server counts: 10m'],
    [
      '--stage <name>',
      'what it is recorded as, of this time alone; else the phase, and off before expand',
      PHASE_ORDER,
    ],
  ],
  examples: ['measure users.full_name --for 10m', 'measure users.full_name --for 10m --stage peak', 'measure --for 1m'],
  async run(context, [id], options) {
    const migrations = id === undefined ? await context.migrations() : [await context.migration(id)]
    const ms = durationOption(options, 'for') ?? 600_000
    const config = await context.config()
    await using database = await context.database(id)
    const { client } = database
    const control = openControl(client, config)
    const running: RunningMeasurement[] = []
    for (const migration of migrations) running.push(await RunningMeasurement.begin({ client, control }, migration))
    for (let part = 1; part <= PARTS && !context.stop.signal.aborted; part++) {
      await delay(ms / PARTS, undefined, { signal: context.stop.signal }).catch(() => undefined)
      for (const each of running) await each.look()
      told(context, { id, part, ms })
    }
    const { who, io } = context
    const operator = { who, host: io.host, version: VERSION }
    const found: Measured[] = []
    for (const each of running) found.push(await each.end(operator, textOption(options, 'stage')))
    return {
      ...{ ending: 'done', migration: id, ...(id !== undefined && { phase: found[0]?.phase }) },
      result: { migrations: found.map(({ before, ...rest }) => ({ ...rest, before: before ?? null })) },
      text: (screen) => found.map((each) => measureScreen({ ...each, id: each.migration }, screen)).join('\n\n'),
      next: found.map((each) => ({ command: `expand-contract runbook ${shellWord(each.migration)} --write` })),
    }
  },
}

function told(
  { output }: CommandContext,
  { id, part, ms }: { readonly id: string | undefined; readonly part: number; readonly ms: number },
): void {
  const left = durationText((ms * (PARTS - part)) / PARTS)
  const what = id === undefined ? 'measure' : `measure ${id}`
  output.progress({
    json: { type: 'step', migration: id ?? null, step: 'look', detail: { part, parts: PARTS } },
    block: `${what.replace('m', 'M')}: ${part} of ${PARTS}, ${left} left`,
    line: `${what} part=${part}/${PARTS}`,
  })
}
