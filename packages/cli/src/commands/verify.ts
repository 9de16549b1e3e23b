import { setTimeout as delay } from 'node:timers/promises'
import { isContracted, type Migration, shellWord } from '@expand-contract/core'
import { readBypassSamples, readSampleValues, type VerifyEvent, verify } from '@expand-contract/runner'
import type { CommandResult } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import { countOption, durationOption } from '../command-option.ts'
import { countText } from '../output/duration.ts'
import type { CliCommand } from '../run-command.ts'
import { type VerifyView, verifyScreen } from '../screens/verify-screen.ts'
import { recordBypassers } from './record-bypassers.ts'

export const verifyCommand: CliCommand = {
  name: 'verify',
  usage: 'verify <id>',
  summary: 'compares both columns of every row, in both directions, and records the pass',
  options: [
    ['--continuous', 'goes on until it is stopped, one pass after another'],
    ['--every <duration>', 'the pause between two passes: 30m'],
    ['--samples <count>', 'keys to remember of each class: 20'],
    ['--show-values', 'prints the values of these rows; they are recorded nowhere'],
  ],
  examples: ['verify users.full_name', 'verify users.full_name --continuous --every 1h'],
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const samples = countOption(options, 'samples')
    const every = durationOption(options, 'every') ?? 1_800_000
    const { schema } = await context.config()
    await using database = await context.database(id)
    const { client } = database
    const { who, stop, output } = context
    const pass = async (): Promise<VerifyView> => {
      const verification = await verify({
        ...{ migration, client, schema, who, signal: stop.signal },
        ...(samples !== undefined && { samples }),
        onEvent: (event) => show(context, id, event),
      })
      const found = Object.values(verification.counts).some((count) => count > 0)
      if (found) await recordBypassers(context, client, migration)
      return {
        ...{ migration, verification },
        writers: found ? await readBypassSamples(client, migration, { controlSchema: schema }).catch(() => []) : [],
        ...(options.showValues === true && {
          values: await readSampleValues(client, migration, { samples: verification.samples, schema }),
        }),
      }
    }
    let view = await pass()
    while (options.continuous === true && !stop.signal.aborted) {
      const told = view
      const { clean, rows, epoch } = told.verification
      output.progress({
        json: { type: 'step', migration: id, step: 'pass', detail: passJson(told) },
        block: (screen) => verifyScreen(told, screen),
        line: `verify ${id} pass epoch=${epoch} rows=${rows} clean=${clean}`,
      })
      await delay(Math.min(every, 2 ** 31 - 1), undefined, { signal: stop.signal }).catch(() => undefined)
      if (!stop.signal.aborted) view = await pass()
    }
    return resultOf(migration, view)
  },
}

function resultOf({ id }: Migration, view: VerifyView): CommandResult {
  const { clean, phase, counts } = view.verification
  const differing = Object.values(counts).reduce((sum, each) => sum + each, 0)
  return {
    ...{ ending: clean ? 'done' : 'found', migration: id, phase, result: passJson(view) },
    text: (screen) => verifyScreen(view, screen),
    next: nextOf(id, view, differing),
  }
}

function nextOf(
  id: string,
  { verification, values }: VerifyView,
  differing: number,
): NonNullable<CommandResult['next']> {
  if (verification.clean)
    return [{ command: `expand-contract ${verification.phase === 'expand' ? 'switch' : 'status'} ${shellWord(id)}` }]
  if (differing === 0)
    return [{ command: `expand-contract ${verification.stopped ? 'verify' : 'expand'} ${shellWord(id)}` }]
  const side = isContracted(verification.phase) ? 'new' : 'old'
  const seeing = {
    command: `expand-contract verify ${shellWord(id)} --show-values`,
    why: 'prints the values of the samples',
  }
  return [
    {
      command: `expand-contract repair ${shellWord(id)} --dry-run`,
      why: `${countText(differing)} rows, the ${side} column wins`,
    },
    ...(values === undefined ? [seeing] : []),
  ]
}

const passJson = ({ verification, writers, values }: VerifyView): Readonly<Record<string, unknown>> => {
  const { clean, rows, counts, samples, epoch, trigger, ms, held } = verification
  return { clean, rows, counts, samples, epoch, trigger, held, ms: Math.round(ms), writers, values }
}

function show({ output }: CommandContext, id: string, event: VerifyEvent): void {
  const { rows, differing, blocksDone, blocks } = event
  const percent = blocks === 0 ? 100 : (100 * blocksDone) / blocks
  output.progress({
    json: { type: 'progress', migration: id, blocks: [blocksDone, blocks], rows, differing },
    block: `Verify ${id}: ${percent.toFixed(1)} %, ${countText(rows)} rows, ${countText(differing)} differ`,
    line: `verify ${id} ${percent.toFixed(1)}% rows=${rows} differing=${differing} blocks=${blocksDone}/${blocks}`,
  })
}
