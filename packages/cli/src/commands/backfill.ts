import { appendEvent, openControl } from '@expand-contract/control'
import { type BackfillEvent, type BackfillResult, backfill, type ThrottleLimits } from '@expand-contract/runner'
import type { CommandContext } from '../command-context.ts'
import { choiceOption, countOption, durationOption, rateOption, textOption } from '../command-option.ts'
import type { ParsedConfig } from '../config/parse-config.ts'
import type { Ending } from '../exit-codes.ts'
import type { CliCommand } from '../run-command.ts'
import { type BackfillView, backfillEnd, backfillLine, backfillScreen } from '../screens/backfill-screen.ts'
import { VERSION } from '../version.ts'
import { runDdl } from './run-ddl.ts'

const ENDINGS: Readonly<Record<BackfillResult['ended'], Ending>> = {
  done: 'done',
  stopped: 'interrupted',
  budget: 'done',
  taken: 'done',
}

export const backfillCommand: CliCommand = {
  name: 'backfill',
  usage: 'backfill <id>',
  summary: 'fills the new column of all rows, beside the application; run again, it goes on where it stood',
  options: [
    ['--profile <profile>', 'gentle (small batches, the default) or fast'],
    ['--workers <count>', 'connections that fill at once'],
    ['--batch-time <duration>', 'what a batch should take: 60ms gentle, 120ms fast'],
    ['--rate <rows>', 'rows per second at most'],
    ['--max-lag <duration>', 'how far a replica may be behind: 5s'],
    ['--max-wal <rate>', 'WAL that the server may write: 50MB/s'],
    ['--throttle-query <sql>', 'a SELECT that says "not now" by true or a text'],
    ['--for <duration>', 'stops after this long'],
  ],
  examples: ['backfill users.full_name', 'backfill users.full_name --profile fast --for 2h --max-lag 10s'],
  wayBack: 'none is needed: nobody reads the new column before switch; rollback drops it',
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const config = await context.config()
    await using database = await context.database(id)
    const { client, facts } = database
    const control = openControl(client, config)
    const { who, io, stop } = context
    const started = performance.now()
    const watch = new BackfillWatch(context, { migration, database: facts })
    const workers = countOption(options, 'workers') ?? 1
    const profile = choiceOption(options, 'profile', ['gentle', 'fast']) ?? config.backfill.profile
    const batchMs = durationOption(options, 'batchTime') ?? config.backfill.batchMs
    const rate = countOption(options, 'rate')
    const budgetMs = durationOption(options, 'for')
    const common = {
      ...{ migration, schema: config.schema, worker: who, profile, signal: stop.signal },
      ...{ limits: limitsOf(config, options) },
      ...(batchMs !== undefined && { batchMs }),
      ...(rate !== undefined && { rate: rate / workers }),
      ...(budgetMs !== undefined && { budgetMs }),
    }
    const clients = [client, ...(await Promise.all(Array.from({ length: workers - 1 }, () => database.connect())))]
    const results = await Promise.all(
      clients.map((each, worker) =>
        backfill({
          ...{ ...common, client: each },
          ddl: runDdl(each, config, { name: 'backfill', migration: id }),
          onEvent: (event) => worker === 0 && watch.saw(event),
        }),
      ),
    )
    const result = results.find(({ ended }) => ended !== 'taken') ?? results[0]
    if (result === undefined) throw new RangeError('there was no worker')
    const ms = performance.now() - started
    const { ended, progress, waitedMs } = result
    await appendEvent(control, {
      ...{ migration: id, kind: `backfill-${ended}`, who, host: io.host, version: VERSION },
      figures: {
        rows: progress.rows,
        failedRows: progress.failedRows,
        ms: Math.round(ms),
        waitedMs: Math.round(waitedMs),
      },
    })
    return {
      ending: ENDINGS[ended],
      migration: id,
      result: { ended, ...progress, ms: Math.round(ms), waitedMs: Math.round(waitedMs) },
      text: backfillEnd(id, result, ms),
      next: [{ command: `expand-contract ${progress.done ? 'verify' : 'backfill'} ${id}` }],
    }
  },
}

function limitsOf({ backfill: configured }: ParsedConfig, options: Readonly<Record<string, unknown>>): ThrottleLimits {
  const lag = durationOption(options, 'maxLag')
  const maxLagSeconds = lag === undefined ? configured.maxLagSeconds : lag / 1_000
  const maxWalBytesPerSecond = rateOption(options, 'maxWal') ?? configured.maxWalBytesPerSecond
  const throttleQuery = textOption(options, 'throttleQuery') ?? configured.throttleQuery
  return {
    ...(maxLagSeconds !== undefined && { maxLagSeconds }),
    ...(maxWalBytesPerSecond !== undefined && { maxWalBytesPerSecond }),
    ...(throttleQuery !== undefined && { throttleQuery }),
  }
}

const NOTHING = { blocksDone: 0, blocks: 0, rows: 0, failedRows: 0, done: false }

/** What is shown of the events of a backfill. */
class BackfillWatch {
  readonly #context: CommandContext
  readonly #started = performance.now()
  #view: Omit<BackfillView, 'runningMs' | 'now'>
  #waitedMs = 0
  #waitBegan: number | undefined

  constructor(context: CommandContext, about: Pick<BackfillView, 'migration' | 'database'>) {
    this.#context = context
    this.#view = {
      ...{ ...about, resumed: false, progress: NOTHING, rate: undefined, secondsLeft: undefined, batch: undefined },
      ...{ waiting: undefined, waitedMs: 0 },
    }
  }

  saw(event: BackfillEvent): void {
    const waiting = event.type === 'wait' ? { reason: event.reason, ms: event.waitedMs } : undefined
    if (waiting === undefined) {
      this.#waitedMs += this.#waitBegan ?? 0
      this.#waitBegan = undefined
    } else this.#waitBegan = waiting.ms
    const waitedMs = this.#waitedMs + (this.#waitBegan ?? 0)
    this.#view = { ...this.#view, waiting, waitedMs, ...newsOf(event) }
    const view = { ...this.#view, runningMs: performance.now() - this.#started, now: new Date() }
    const { migration } = view
    this.#context.output.progress({
      json: { ...event, migration: migration.id },
      block: backfillScreen(view),
      line: backfillLine(view),
    })
  }
}

function newsOf(event: BackfillEvent): Partial<BackfillView> {
  if (event.type === 'start') return { resumed: event.resumed, progress: event.progress }
  if (event.type !== 'progress') return {}
  const { progress, rate, secondsLeft, batch } = event
  return { progress, rate, secondsLeft, batch }
}
