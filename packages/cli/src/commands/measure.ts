import { setTimeout as delay } from 'node:timers/promises'
import { appendEvent, openControl, readEvents, readMigration } from '@expand-contract/control'
import type { CommandContext } from '../command-context.ts'
import { durationOption, textOption } from '../command-option.ts'
import { byStage, COMPARED_HEADS, compare, comparedCells, measurementsIn } from '../measure/compare.ts'
import { type Measurement, measurementOf } from '../measure/measurement.ts'
import { readCounters } from '../measure/read-counters.ts'
import { bytesText, countText, durationText } from '../output/duration.ts'
import { PHASE_ORDER } from '../phase-order.ts'
import type { CliCommand } from '../run-command.ts'
import { hanging, table } from '../screens/layout.ts'
import { VERSION } from '../version.ts'

/** Noise is what differs between so many parts of the time. */
const PARTS = 10

export const measureCommand: CliCommand = {
  name: 'measure',
  usage: 'measure <id>',
  summary: 'what statements, writes, sizes and WAL of the table are now, and how that was before; recorded',
  options: [
    ['--for <duration>', 'how long to look: 10m'],
    ['--stage <name>', 'what it is recorded as; else the phase, and off before expand', PHASE_ORDER],
  ],
  examples: ['measure users.full_name --for 10m', 'measure users.full_name --for 10m --stage peak'],
  async run(context, [id = ''], options) {
    const migration = await context.migration(id)
    const ms = durationOption(options, 'for') ?? 600_000
    const config = await context.config()
    await using database = await context.database(id)
    const { client } = database
    const control = openControl(client, config)
    const phase = (await readMigration(control, id))?.phase ?? 'off'
    const look = () => readCounters(client, migration, config.schema)
    const looks: [Awaited<ReturnType<typeof look>>, ...Awaited<ReturnType<typeof look>>[]] = [await look()]
    for (let part = 1; part <= PARTS && !context.stop.signal.aborted; part++) {
      await delay(ms / PARTS, undefined, { signal: context.stop.signal }).catch(() => undefined)
      looks.push(await look())
      told(context, { id, part, ms })
    }
    const measured = measurementOf({ stage: textOption(options, 'stage') ?? phase, phase }, looks)
    const { who, io } = context
    await appendEvent(control, {
      ...{ migration: id, kind: 'measured', who, host: io.host, version: VERSION, figures: { ...measured } },
    })
    const events = await readEvents(control, { migration: id, kind: 'measured', limit: 1_000 })
    const [before] = byStage(measurementsIn(events))
    const compared = before === undefined || before.stage === measured.stage ? [] : compare(before, measured)
    const without = looks[0].statements === undefined
    return {
      ...{ ending: 'done', migration: id, phase, result: { measured, before: before ?? null, compared } },
      text: ({ width }) =>
        [
          ...(compared.length === 0
            ? [figuresText(measured, width)]
            : table(
                {
                  columns: [
                    { name: measured.stage.toUpperCase() },
                    ...COMPARED_HEADS.map((name) => ({ name: name.toUpperCase() })),
                  ].map((column, at) => (at === COMPARED_HEADS.length ? { ...column, wrap: true, least: 20 } : column)),
                  rows: compared.map(comparedCells),
                },
                width,
              )),
          ...(without
            ? [
                hanging(
                  '',
                  'pg_stat_statements is not there for this role, so there is nothing on single statements.',
                  width,
                ),
              ]
            : []),
        ].join('\n'),
      next: [{ command: `expand-contract runbook ${id} --write` }],
    }
  },
}

function told(
  { output }: CommandContext,
  { id, part, ms }: { readonly id: string; readonly part: number; readonly ms: number },
): void {
  const left = durationText((ms * (PARTS - part)) / PARTS)
  output.progress({
    json: { type: 'step', migration: id, step: 'look', detail: { part, parts: PARTS } },
    block: `Measure ${id}: ${part} of ${PARTS}, ${left} left`,
    line: `measure ${id} part=${part}/${PARTS}`,
  })
}

function figuresText(measured: Measurement, width: number): string {
  const { stage, tableBytes, indexBytes, deadRows, hotShare, writesPerSecond, p50Ms, p95Ms } = measured
  const parts = [
    `table ${bytesText(tableBytes)}, indexes ${bytesText(indexBytes)}, ${countText(deadRows)} dead rows`,
    `${countText(writesPerSecond)} rows written per second`,
    ...(hotShare === undefined ? [] : [`HOT share ${Math.round(hotShare)} %`]),
    ...(p50Ms === undefined || p95Ms === undefined ? [] : [`p50 ${p50Ms} ms, p95 ${p95Ms} ms`]),
  ]
  return hanging(`[ok] Measured ${stage}: `, `${parts.join('; ')}. There is nothing to compare it with yet.`, width)
}
