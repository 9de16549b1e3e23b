import { appendEvent, type Control, openControl, readEvents, readRanges } from '@expand-contract/control'
import { shellWord } from '@expand-contract/core'
import { type BackfillResult, backfill, readFacts, type ThrottleLimits } from '@expand-contract/runner'
import { loadParser } from '@expand-contract/sql'
import { choiceOption, countOption, durationOption, rateOption, textOption } from '../command-option.ts'
import type { ParsedConfig } from '../config/parse-config.ts'
import type { Ending } from '../exit-codes.ts'
import { TrafficWatch } from '../measure/watch-traffic.ts'
import type { CliCommand } from '../run-command.ts'
import { backfillEnd } from '../screens/backfill-screen.ts'
import { VERSION } from '../version.ts'
import { BackfillWatch } from './backfill-watch.ts'
import { parityPart } from './parity-part.ts'
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
  summary:
    'fills the new column of all rows, beside the application, then builds its indexes and constraints; run again, it goes on',
  options: [
    ['--profile <profile>', 'gentle (small batches, the default) or fast', ['gentle', 'fast']],
    ['--workers <count>', 'connections that fill at once'],
    ['--batch-time <duration>', 'what a batch should take: 60ms gentle, 120ms fast'],
    ['--rate <rows>', 'rows per second at most'],
    ['--max-lag <duration>', 'how far a replica may be behind: 5s'],
    ['--max-wal <rate>', 'WAL that the server may write: 50MB/s'],
    ['--throttle-query <sql>', 'a SELECT that says "not now" by true or a text'],
    ['--for <duration>', 'stops after this long'],
    ['--no-parity', 'leaves indexes and constraints of the new column to `expand`, run again'],
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
    const workers = countOption(options, 'workers') ?? 1
    const profile = choiceOption(options, 'profile', ['gentle', 'fast']) ?? config.backfill.profile
    const batchMs = durationOption(options, 'batchTime') ?? config.backfill.batchMs
    const rate = countOption(options, 'rate')
    const budgetMs = durationOption(options, 'for')
    const limits = limitsOf(config, options)
    await loadParser()
    const { table } = await readFacts(client, migration, { controlSchema: config.schema })
    const resumed = (await readRanges(control, id)).length > 0
    await using traffic = await TrafficWatch.begin(async () => openControl(await database.connect(), config), {
      ...{ id, resumed },
    })
    const watch = new BackfillWatch(context, {
      traffic,
      ...{ migration, database: facts, workers, stopped: await stoppedBy(control, id) },
      limits: { walBytesPerSecond: limits.maxWalBytesPerSecond, activeSessions: limits.maxActiveSessions },
      tableRows: table === undefined || table.rows < 0 ? undefined : table.rows,
    })
    const common = {
      ...{ migration, schema: config.schema, worker: who, profile, signal: stop.signal },
      limits,
      ...(batchMs !== undefined && { batchMs }),
      ...(rate !== undefined && { rate: rate / workers }),
      ...(budgetMs !== undefined && { budgetMs }),
    }
    const clients = [
      client,
      ...(await Promise.all(Array.from({ length: workers - 1 }, () => database.connect('work')))),
    ]
    const results = await Promise.all(
      clients.map((each, worker) =>
        backfill({
          ...{ ...common, client: each },
          ddl: runDdl(each, config, { name: 'backfill', migration: id }),
          onEvent: (event) => watch.saw(event, worker),
        }).finally(() => watch.ended(worker)),
      ),
    )
    const result = results.find(({ ended }) => ended !== 'taken') ?? results[0]
    if (result === undefined) throw new RangeError('there was no worker')
    const ms = performance.now() - started
    await traffic?.look()
    const mostTraffic = traffic?.most
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
    const parity =
      ended === 'done' && options.parity !== false ? await parityPart(context, database, { migration }) : undefined
    return {
      ending: ENDINGS[ended],
      migration: id,
      result: {
        ...{ ended, ...progress, ms: Math.round(ms), waitedMs: Math.round(waitedMs), parity: parity?.result },
        ...(mostTraffic !== undefined && { traffic: { ...traffic?.traffic, mostRatio: mostTraffic } }),
      },
      text: (screen) =>
        [
          backfillEnd({ id, result, ms, waitedFor: watch.waitedFor, mostTraffic }, screen),
          ...(parity?.lines(screen) ?? []),
        ].join('\n'),
      next: [{ command: `expand-contract ${progress.done ? 'verify' : 'backfill'} ${shellWord(id)}` }],
    }
  },
}

/** Who has stopped the last run, where that is the last thing that is known of it; undefined after a crash. */
async function stoppedBy(
  control: Control,
  migration: string,
): Promise<{ readonly by: string; readonly at: Date } | undefined> {
  const [last] = await readEvents(control, { migration, kind: 'backfill-stopped', limit: 1 })
  return last === undefined ? undefined : { by: last.who, at: last.at }
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
