import { shellWord } from '@expand-contract/core'
import { countOption } from '../command-option.ts'
import type { CliCommand } from '../run-command.ts'
import { tellBackfill } from './tell-backfill.ts'

export const resumeCommand: CliCommand = {
  name: 'resume',
  usage: 'resume <id>',
  summary: 'lets a backfill go on that was paused, and changes its rate',
  options: [['--rate <rows>', 'rows per second at most from now on']],
  examples: ['resume users.full_name', 'resume users.full_name --rate 20000'],
  wayBack: 'expand-contract pause <id>',
  async run(context, [id = ''], options) {
    const rate = countOption(options, 'rate')
    await tellBackfill(context, id, {
      kind: 'backfill-resumed',
      settings: { paused: false, ...(rate !== undefined && { rate }) },
      figures: rate === undefined ? {} : { rate },
    })
    const limit = rate === undefined ? '' : `, with ${rate} rows per second at most`
    return {
      ending: 'done',
      migration: id,
      result: { paused: false, rate },
      text: `The backfill of ${id} goes on where it runs${limit}.`,
      next: [{ command: `expand-contract backfill ${shellWord(id)}`, why: 'where it does not run' }],
    }
  },
}
