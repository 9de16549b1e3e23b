import { openControl, readEvents } from '@expand-contract/control'
import { countOption, durationOption } from '../command-option.ts'
import type { CliCommand } from '../run-command.ts'
import { logScreen } from '../screens/log-screen.ts'

export const logCommand: CliCommand = {
  name: 'log',
  usage: 'log [id]',
  summary: 'the timeline: who did what, when, and the figures',
  options: [
    ['--since <duration>', 'the last 7d, 2h, ...'],
    ['--limit <count>', 'the newest of them: 50'],
  ],
  examples: ['log users.full_name', 'log --since 7d --json'],
  async run(context, [id], options) {
    const limit = countOption(options, 'limit') ?? 50
    const since = durationOption(options, 'since')
    if (id !== undefined) await context.migration(id)
    await using database = await context.database(id)
    const events = await readEvents(openControl(database.client, await context.config()), {
      ...{ migration: id, limit },
      ...(since !== undefined && { since: new Date(Date.now() - since) }),
    })
    return { ending: 'done', migration: id, result: { events }, text: (options) => logScreen(events, options) }
  },
}
