import { scaleLinear, scalePoint } from 'd3-scale'
import { line } from 'd3-shape'
import type { Measurement } from './measurement.ts'

const [WIDTH, HEIGHT] = [640, 280]
const SIDES = { top: 40, right: 90, bottom: 34, left: 64 }

interface Series {
  readonly name: string
  /** Told apart without colours as well. */
  readonly dash: string
  readonly of: (measured: Measurement) => number | undefined
}

interface Panel {
  readonly title: string
  readonly unit: string
  readonly series: readonly Series[]
}

const DASHES = ['', '6 3', '2 3']

type Percentiles = Pick<Measurement, 'p50Ms' | 'p95Ms' | 'p99Ms'>

const percentiles = (of: (measured: Measurement) => Percentiles | undefined): readonly Series[] =>
  (['p50Ms', 'p95Ms', 'p99Ms'] as const).map((name, at) => ({
    ...{ name: name.slice(0, 3), dash: DASHES[at] ?? '' },
    of: (measured) => of(measured)?.[name],
  }))

const SIZES: readonly Series[] = [
  { name: 'table', dash: '', of: ({ tableBytes }) => megabytes(tableBytes) },
  { name: 'indexes', dash: '6 3', of: ({ indexBytes }) => megabytes(indexBytes) },
]

const megabytes = (bytes: number | undefined): number | undefined => bytes && bytes / 1e6

/** What the plot shows: latency where it was measured by the processes, else by the server; else sizes. */
export const plotTitle = (table: string, stages: readonly Measurement[]): string =>
  panelsOf(stages)[0]?.unit === 'MB' ? `Size of ${table} by stage` : `Latency of statements on ${table} by stage`

/** The same text for the same measurements: no script, no ids, no time. It follows the scheme of whoever reads it. */
export function plotSvg(table: string, stages: readonly Measurement[]): string {
  const panels = panelsOf(stages)
  const title = plotTitle(table, stages)
  const told = panels.map((panel) => (panels.length > 1 ? `${panel.title}: ` : '') + toldOf(panel, stages))
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT * panels.length}" role="img">`,
    `<title>${xml(title)}</title>`,
    `<desc>${xml(told.join('. '))}</desc>`,
    '<style>text{font:12px sans-serif;fill:#333}path{fill:none;stroke-width:2}.grid{stroke:#ddd;stroke-width:1}.s0{stroke:#0b62a8}.s1{stroke:#b3541e}.s2{stroke:#6b4a9e}circle{fill:#fff;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.s0{stroke:#6cb6ff}.s1{stroke:#f0a070}.s2{stroke:#c0a0f0}circle{fill:#222}}</style>',
    ...panels.flatMap((panel, at) => {
      const head = panels.length > 1 ? `${title}: ${panel.title}, ${panel.unit}` : `${title}, ${panel.unit}`
      return panelLines({ ...panel, title: head }, stages, at * HEIGHT)
    }),
    '</svg>',
  ].join('\n')}\n`
}

function panelsOf(stages: readonly Measurement[]): readonly Panel[] {
  const panels: readonly Panel[] = [
    { title: 'reads', unit: 'ms', series: percentiles(({ sessions }) => sessions?.read) },
    { title: 'writes', unit: 'ms', series: percentiles(({ sessions }) => sessions?.write) },
  ]
  const drawn = panels.filter((panel) => hasValues(panel, stages))
  if (drawn.length > 0) return drawn
  const means: Panel = { title: 'means of the server', unit: 'ms', series: percentiles((measured) => measured) }
  return [hasValues(means, stages) ? means : { title: 'sizes', unit: 'MB', series: SIZES }]
}

const hasValues = ({ series }: Panel, stages: readonly Measurement[]): boolean =>
  series.some(({ of }) => stages.some((each) => of(each) !== undefined))

const toldOf = ({ series, unit }: Panel, stages: readonly Measurement[]): string =>
  series
    .map(({ name, of }) => {
      const points = stages.flatMap((each) => {
        const value = of(each)
        return value === undefined ? [] : [`${each.stage} ${fixed(value)} ${unit}`]
      })
      return `${name}: ${points.join(', ')}`
    })
    .join('; ')

function panelLines({ title, series }: Panel, stages: readonly Measurement[], top: number): readonly string[] {
  const names = stages.map(({ stage }) => stage)
  const values = series.flatMap(({ of }) => stages.flatMap((each) => of(each) ?? []))
  const x = scalePoint(names, [SIDES.left, WIDTH - SIDES.right]).padding(0.2)
  const y = scaleLinear(
    [0, Math.max(...values, Number.MIN_VALUE)],
    [top + HEIGHT - SIDES.bottom, top + SIDES.top],
  ).nice(5)
  const at = (stage: string): number => x(stage) ?? SIDES.left
  return [
    `<text x="${SIDES.left}" y="${top + 20}">${xml(title)}</text>`,
    ...y
      .ticks(5)
      .flatMap((tick) => [
        `<path class="grid" d="M${SIDES.left},${px(y(tick))}H${WIDTH - SIDES.right}"/>`,
        `<text x="${SIDES.left - 8}" y="${px(y(tick) + 4)}" text-anchor="end">${y.tickFormat(5)(tick)}</text>`,
      ]),
    ...names.map(
      (name) => `<text x="${px(at(name))}" y="${top + HEIGHT - 12}" text-anchor="middle">${xml(name)}</text>`,
    ),
    ...series.flatMap(({ name, dash, of }, index) => {
      const points = stages.flatMap((each): [number, number][] => {
        const value = of(each)
        return value === undefined ? [] : [[at(each.stage), y(value)]]
      })
      const last = points.at(-1)
      if (last === undefined) return []
      const path = line().digits(1)(points) ?? ''
      return [
        `<path class="s${index}" d="${path}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`,
        ...points.map(([cx, cy]) => `<circle class="s${index}" cx="${px(cx)}" cy="${px(cy)}" r="3"/>`),
        `<text x="${px(last[0] + 10)}" y="${px(last[1] + 4)}">${name}</text>`,
      ]
    }),
  ]
}

const px = (value: number): string => String(Number(value.toFixed(1)))

const fixed = (value: number): string => String(Number(value.toPrecision(3)))

/** Also of a name with characters that XML has no place for. */
const xml = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no place for them.
    .replaceAll(/[\u0000-\u001f\u007f\ufffe\uffff]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
