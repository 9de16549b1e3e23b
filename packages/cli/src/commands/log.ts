import { type EventRecord, openControl, readEvents } from '@expand-contract/control'
import { countOption, durationOption } from '../command-option.ts'
import { timeText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'

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
    await using database = await context.database(id)
    const control = openControl(database.client, await context.config())
    const since = durationOption(options, 'since')
    const events = await readEvents(control, {
      ...{ migration: id, limit: countOption(options, 'limit') ?? 50 },
      ...(since !== undefined && { since: new Date(Date.now() - since) }),
    })
    return {
      ending: 'done',
      migration: id,
      result: { events },
      text: events.length === 0 ? 'Nothing has happened yet.' : events.map(eventLine).join('\n'),
    }
  },
}

/** `2026-11-26 14:02 UTC  dana@ops-2  users.full_name  verified  rows=41203118` */
function eventLine({ at, who, migration, kind, figures }: EventRecord): string {
  const shown = Object.entries(figures).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return `${timeText(at)}  ${who.padEnd(16)}  ${(migration ?? '-').padEnd(24)}  ${kind.padEnd(18)}  ${shown.join(' ')}`.trimEnd()
}
