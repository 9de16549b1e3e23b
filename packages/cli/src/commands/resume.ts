import { appendEvent, openControl, setBackfill } from '@expand-contract/control'
import { countOption } from '../command-option.ts'
import type { CliCommand } from '../run-command.ts'
import { VERSION } from '../version.ts'
import { checkBackfillBegun } from './check-begun.ts'

export const resumeCommand: CliCommand = {
  name: 'resume',
  usage: 'resume <id>',
  summary: 'lets a backfill go on that was paused, and changes its rate',
  options: [['--rate <rows>', 'rows per second at most from now on']],
  examples: ['resume users.full_name', 'resume users.full_name --rate 20000'],
  wayBack: 'expand-contract pause <id>',
  async run(context, [id = ''], options) {
    await context.migration(id)
    await using database = await context.database(id)
    const control = openControl(database.client, await context.config())
    await checkBackfillBegun(control, id)
    const rate = countOption(options, 'rate')
    const { who, io } = context
    await setBackfill(control, { migration: id, paused: false, ...(rate !== undefined && { rate }) })
    await appendEvent(control, {
      ...{ migration: id, kind: 'backfill-resumed', who, host: io.host, version: VERSION },
      figures: rate === undefined ? {} : { rate },
    })
    const limit = rate === undefined ? '' : `, with ${rate} rows per second at most`
    return {
      ending: 'done',
      migration: id,
      result: { paused: false, rate },
      text: `The backfill of ${id} goes on where it runs${limit}.`,
      next: [{ command: `expand-contract backfill ${id}`, why: 'where it does not run' }],
    }
  },
}
