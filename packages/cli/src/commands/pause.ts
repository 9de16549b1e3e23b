import { appendEvent, openControl, setBackfill } from '@expand-contract/control'
import { textOption } from '../command-option.ts'
import type { CliCommand } from '../run-command.ts'
import { VERSION } from '../version.ts'
import { checkBackfillBegun } from './check-begun.ts'

export const pauseCommand: CliCommand = {
  name: 'pause',
  usage: 'pause <id>',
  summary: 'makes a backfill wait, wherever it runs',
  options: [['--reason <text>', 'shown to whoever looks at it']],
  examples: ['pause users.full_name --reason "month end"', 'pause users.full_name --json'],
  wayBack: 'expand-contract resume <id>',
  async run(context, [id = ''], options) {
    await context.migration(id)
    await using database = await context.database(id)
    const control = openControl(database.client, await context.config())
    await checkBackfillBegun(control, id)
    const reason = textOption(options, 'reason')
    const { who, io } = context
    await setBackfill(control, { migration: id, paused: true, pausedBy: who, reason: reason ?? null })
    await appendEvent(control, {
      ...{ migration: id, kind: 'backfill-paused', who, host: io.host, version: VERSION },
      figures: reason === undefined ? {} : { reason },
    })
    return {
      ending: 'done',
      migration: id,
      result: { paused: true, reason },
      text: `The backfill of ${id} waits from its next batch on, which is within a second.`,
      next: [{ command: `expand-contract resume ${id}` }],
    }
  },
}
