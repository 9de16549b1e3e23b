import { setTimeout as delay } from 'node:timers/promises'
import { type Verification, type VerifyEvent, verify } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'
import { countOption, durationOption } from '../command-option.ts'
import { countText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { verifyScreen } from '../screens/verify-screen.ts'

export const verifyCommand: CliCommand = {
  name: 'verify',
  usage: 'verify <id>',
  summary: 'compares both columns of every row, in both directions, and records the pass',
  options: [
    ['--continuous', 'goes on until it is stopped, one pass after another'],
    ['--every <duration>', 'the pause between two passes: 30m'],
    ['--samples <count>', 'keys to remember of each class: 20'],
  ],
  examples: ['verify users.full_name', 'verify users.full_name --continuous --every 1h'],
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const config = await context.config()
    await using database = await context.database(id)
    const samples = countOption(options, 'samples')
    const every = durationOption(options, 'every') ?? 1_800_000
    const { who, stop, output } = context
    const pass = (): Promise<Verification> =>
      verify({
        ...{ migration, client: database.client, schema: config.schema, who, signal: stop.signal },
        ...(samples !== undefined && { samples }),
        onEvent: (event) => show(context, id, event),
      })
    let verification = await pass()
    while (options.continuous === true && !stop.signal.aborted) {
      const told = verification
      output.progress({ json: { type: 'step', ...told }, block: verifyScreen(id, told), line: verifyScreen(id, told) })
      await delay(every, undefined, { signal: stop.signal }).catch(() => undefined)
      if (!stop.signal.aborted) verification = await pass()
    }
    const { clean, rows, counts, epoch, phase, ms } = verification
    return {
      ending: clean ? 'done' : 'found',
      migration: id,
      phase,
      result: {
        clean,
        rows,
        counts,
        samples: verification.samples,
        epoch,
        trigger: verification.trigger,
        ms: Math.round(ms),
      },
      text: verifyScreen(id, verification),
      next: clean
        ? [{ command: `expand-contract switch ${id}` }]
        : [{ command: `expand-contract repair ${id} --dry-run`, why: 'the authoritative column wins' }],
    }
  },
}

function show({ output }: CommandContext, id: string, event: VerifyEvent): void {
  const { rows, differing, blocksDone, blocks } = event
  const percent = blocks === 0 ? 100 : (100 * blocksDone) / blocks
  const line = `verify ${id} ${percent.toFixed(1)}% rows=${rows} differing=${differing} blocks=${blocksDone}/${blocks}`
  output.progress({
    json: { ...event, migration: id },
    block: `Verify ${id}: ${percent.toFixed(1)} %, ${countText(rows)} rows, ${countText(differing)} differ`,
    line,
  })
}
