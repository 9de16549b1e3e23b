import { COMPARED_HEADS, type Compared, comparedCells, msText, rateText, verdictLines } from '../measure/compare.ts'
import type { Measurement } from '../measure/measurement.ts'
import { bytesText, countText, durationText } from '../output/duration.ts'
import { hanging, table } from './layout.ts'
import type { ScreenOptions } from './screen.ts'

export interface MeasureView {
  readonly id: string
  readonly measured: Measurement
  /** All that are known, with this one. */
  readonly stages: readonly Measurement[]
  /** What it is compared with; undefined where there is nothing yet. */
  readonly before: Measurement | undefined
  readonly compared: readonly Compared[]
  /** Whether pg_stat_statements could be read. */
  readonly counted: boolean
}

/** What was measured, how long statements take in each stage, and what has changed since the first of them. */
export function measureScreen(view: MeasureView, { width }: ScreenOptions): string {
  const { id, measured, before, compared, stages, counted } = view
  const known = stages.some(({ sessions }) => sessions !== undefined)
  return [
    hanging(`[ok] Measured ${id}: `, measuredText(measured), width),
    ...(known ? ['', ...stageTable(stages, width)] : []),
    '',
    ...(before === undefined || compared.length === 0
      ? ['There is nothing to compare it with yet.']
      : [`${before.stage} (before) against ${measured.stage} (now):`, '', ...comparison(compared, width)]),
    ...(before === undefined ? [] : verdicts({ before, measured, compared }, width)),
    ...(known && counted ? [] : ['']),
    ...(known
      ? []
      : [
          hanging(
            '',
            'No process has said how long its statements take: the application does so once it has joined the fleet (joinFleet of @expand-contract/control).',
            width,
          ),
        ]),
    ...(counted
      ? []
      : [
          hanging(
            '',
            'pg_stat_statements is not there for this role, so there is nothing on single statements of the server.',
            width,
          ),
        ]),
  ]
    .join('\n')
    .trimEnd()
}

function measuredText({
  stage,
  seconds = 0,
  tableBytes = 0,
  indexBytes = 0,
  deadRows = 0,
  ...more
}: Measurement): string {
  const { writesPerSecond = 0, hotShare, walPerRow, p50Ms, p95Ms } = more
  return [
    `${stage}, for ${durationText(seconds * 1_000)}`,
    `table ${bytesText(tableBytes)}, indexes ${bytesText(indexBytes)}, ${countText(deadRows)} dead rows`,
    `${rateText(writesPerSecond)} rows written per second`,
    ...(hotShare === undefined ? [] : [`HOT share ${Math.round(hotShare)} %`]),
    ...(walPerRow === undefined ? [] : [`${bytesText(walPerRow)} of WAL for each`]),
    ...(p50Ms === undefined || p95Ms === undefined
      ? []
      : [`means by the server: p50 ${msText(p50Ms)}, p95 ${msText(p95Ms)}`]),
  ].join('; ')
}

const right = (name: string) => ({ name, align: 'right' as const })

const stageTable = (stages: readonly Measurement[], width: number): readonly string[] =>
  table(
    {
      columns: [
        { name: 'STAGE', least: 8 },
        { name: 'KIND' },
        ...['SEEN', 'PER SECOND', 'P50', 'P95', 'P99', 'NOISE'].map(right),
      ],
      rows: stages.flatMap(({ stage, sessions }) =>
        (['read', 'write'] as const).flatMap((kind) => {
          const figures = sessions?.[kind]
          if (figures === undefined) return []
          const { seconds, perSecond, p50Ms, p95Ms, p99Ms, noise } = figures
          return [
            [
              ...[stage, `${kind}s`, durationText(seconds * 1_000), rateText(perSecond)],
              ...[msText(p50Ms), msText(p95Ms), msText(p99Ms), `${Math.round(noise.p50)} %`],
            ],
          ]
        }),
      ),
    },
    width,
  )

const comparison = (compared: readonly Compared[], width: number): readonly string[] =>
  table(
    {
      columns: [
        { name: '' },
        ...COMPARED_HEADS.map((name) => ({ name: name.toUpperCase() })).map((column, at, { length }) =>
          at === length - 1 ? { ...column, wrap: true, least: 20 } : column,
        ),
      ],
      rows: compared.map(comparedCells),
    },
    width,
  )

const verdicts = (
  { before, measured, compared }: { before: Measurement; measured: Measurement; compared: readonly Compared[] },
  width: number,
): readonly string[] => {
  const lines = verdictLines({ before: before.stage, now: measured.stage, compared })
  return lines.length === 0 ? [] : ['', ...lines.map(([mark, text]) => hanging(`${mark} `, text, width))]
}
