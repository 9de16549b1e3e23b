import { shellWord } from '@expand-contract/core'
import { textOption } from '../command-option.ts'
import type { CliCommand } from '../run-command.ts'
import { tellBackfill } from './tell-backfill.ts'

export const pauseCommand: CliCommand = {
  name: 'pause',
  usage: 'pause <id>',
  summary: 'makes a backfill wait, wherever it runs',
  options: [['--reason <text>', 'shown to whoever looks at it']],
  examples: ['pause users.full_name --reason "month end"', 'pause users.full_name --json'],
  wayBack: 'expand-contract resume <id>',
  async run(context, [id = ''], options) {
    const reason = textOption(options, 'reason')
    await tellBackfill(context, id, {
      kind: 'backfill-paused',
      settings: { paused: true, pausedBy: context.who, reason: reason ?? null },
      figures: reason === undefined ? {} : { reason },
    })
    return {
      ending: 'done',
      migration: id,
      result: { paused: true, reason },
      text: `The backfill of ${id} waits from its next batch on, which is within a second.`,
      next: [{ command: `expand-contract resume ${shellWord(id)}` }],
    }
  },
}
