import { describe, expect, test } from 'vitest'
import { compare, comparedCells, verdictLines } from './compare.ts'
import { type Measurement, measurementOf } from './measurement.ts'
import { plotSvg } from './plot.ts'
import type { Counters, StatementCounter } from './read-counters.ts'
import { byStage } from './stages.ts'

const look = (
  second: number,
  statements: readonly StatementCounter[] | undefined,
  more: Partial<Counters> = {},
): Counters => ({
  ...{ at: new Date(second * 1_000), tableBytes: 9.8e9, indexBytes: 3.1e9, liveRows: 100, deadRows: 3, statements },
  ...{
    inserts: 10 * second,
    updates: 20 * second,
    hotUpdates: 15 * second,
    deletes: 0,
    walBytes: 6_000 * second,
    ...more,
  },
})
const ran = (id: string, calls: number, totalMs: number, rowsWritten = 0): StatementCounter => ({
  ...{ id, writes: rowsWritten > 0, calls, totalMs, rowsWritten, walBytes: rowsWritten * 200 },
})

const OFF = { stage: 'off', phase: 'off' } as const

const LATENCY = {
  ...{ count: 1_000_000, seconds: 3_600, perSecond: 278, p50Ms: 0.41, p95Ms: 1.1, p99Ms: 4 },
  noise: { p50: 1, p95: 4, p99: 10 },
}

describe('what is measured', () => {
  test('is what came between two looks', () => {
    const measured = measurementOf({ stage: 'peak', phase: 'switch' }, [
      look(0, [ran('a', 1_000, 9_000), ran('b', 5, 500, 5)]),
      look(1, [ran('a', 1_090, 9_045), ran('b', 10, 600, 10), ran('c', 5, 50)]),
      look(2, [ran('a', 1_180, 9_090), ran('b', 15, 700, 15), ran('c', 10, 100)]),
    ])
    expect(measured).toEqual({
      ...{
        stage: 'peak',
        phase: 'switch',
        seconds: 2,
        tableBytes: 9.8e9,
        indexBytes: 3.1e9,
        liveRows: 100,
        deadRows: 3,
      },
      ...{ writesPerSecond: 30, rowsPerWrite: 6, hotShare: 75, serverWalPerRow: 200, statementsPerSecond: 100 },
      ...{ p50Ms: 0.5, p95Ms: 10, p99Ms: 20, noise: 0, walPerRow: 200 },
    })
  })

  test('is less where the server counts no statements, or nothing happened', () => {
    const { p50Ms, noise, walPerRow } = measurementOf(OFF, [look(0, undefined), look(1, undefined)])
    expect([p50Ms, noise, walPerRow]).toEqual([undefined, undefined, undefined])
    const still = measurementOf(OFF, [look(5, [ran('a', 9, 9)]), look(5, [ran('a', 9, 9)])])
    expect([still.p50Ms, still.hotShare, still.serverWalPerRow, still.writesPerSecond]).toEqual([
      undefined,
      undefined,
      undefined,
      0,
    ])
  })

  test('has how many rows a statement writes, by what the processes have counted where the server counts none', () => {
    const about = { ...OFF, sessionWrites: 900 }
    expect(measurementOf(about, [look(0, undefined), look(60, undefined)]).rowsPerWrite).toBe(2)
    // What they have counted arrives later.
    expect(measurementOf(about, [look(0, undefined), look(30, undefined)]).rowsPerWrite).toBeUndefined()
    const sessions = { read: LATENCY }
    expect(measurementOf({ ...OFF, sessions }, [look(0, undefined), look(1, undefined)])).toMatchObject({ sessions })
  })

  test('survives a reset of the counters', () => {
    const measured = measurementOf(OFF, [look(0, [ran('a', 1_000, 9_000)]), look(1, [ran('a', 10, 20)])])
    expect([measured.statementsPerSecond, measured.p50Ms]).toEqual([10, 2])
    const reset = { inserts: 0, updates: 0, hotUpdates: 0, walBytes: 0 }
    const [first, between, last] = [
      look(100, []),
      look(101, [], reset),
      look(102, [], { ...reset, updates: 8, walBytes: 800 }),
    ]
    // Of the second in which they were reset nothing is known; nothing is below zero.
    expect(measurementOf(OFF, [first, between, last])).toMatchObject({
      writesPerSecond: 4,
      hotShare: 0,
      serverWalPerRow: 100,
    })
  })
})

const before: Measurement = {
  ...{
    ...OFF,
    seconds: 600,
    tableBytes: 9.8e9,
    indexBytes: 3.1e9,
    liveRows: 100,
    deadRows: 200,
    writesPerSecond: 30,
  },
  ...{ hotShare: 91, walPerRow: 212, statementsPerSecond: 4_000, p50Ms: 0.41, p95Ms: 1.1, p99Ms: 4, noise: 2 },
}
const now: Measurement = {
  ...before,
  ...{
    stage: 'switch',
    phase: 'switch',
    tableBytes: 10.6e9,
    walPerRow: 268,
    hotShare: 90,
    p50Ms: 0.42,
    p95Ms: 1.5,
    p99Ms: 3,
    deadRows: 400,
  },
}

test('is compared in plain words', () => {
  expect(compare(before, now).map((row) => comparedCells(row).join(' | '))).toMatchInlineSnapshot(`
    [
      "p50 of means | 0.41 ms | 0.42 ms | +2 % | same (noise 4 %)",
      "p95 of means | 1.10 ms | 1.50 ms | +36 % | slower: expected of writes, not of reads",
      "p99 of means | 4.00 ms | 3.00 ms | -25 % | faster",
      "statements per second | 4,000 | 4,000 | 0 % | same",
      "rows written per second | 30 | 30 | 0 % | same",
      "WAL per row written | 212 B | 268 B | +26 % | expected while both are written",
      "HOT share | 91 % | 90 % | -1 pt | same",
      "table | 9.8 GB | 11 GB | +8 % | expected: both are stored, until rows are written again after the drop",
      "indexes | 3.1 GB | 3.1 GB | 0 % | same",
      "dead rows | 200 | 400 | +100 % | vacuum takes them away",
    ]
  `)
  expect(compare(before, { ...now, phase: 'dropped' }).find(({ name }) => name === 'table')?.verdict).toBe('more')
  expect(compare({ ...before, p50Ms: undefined }, now).map(({ name }) => name)).not.toContain('p50 of means')
})

describe('what the processes have counted is compared', () => {
  const off: Measurement = { ...OFF, sessions: { read: LATENCY, write: LATENCY } }
  const slower = { ...LATENCY, perSecond: 300, p50Ms: 0.43, p95Ms: 1.25, p99Ms: 4.7 }
  const told = (one: Measurement, other: Measurement): readonly string[] => {
    const compared = compare(one, other)
    const lines = verdictLines({ before: one.stage, now: other.stage, compared })
    return [...compared.map((row) => comparedCells(row).join(' | ')), ...lines.map((line) => line.join(' '))]
  }

  test('by kind, with noise and a bucket, and what is beyond it in plain words', () => {
    expect(
      told(off, { stage: 'switch', phase: 'switch', sessions: { read: slower, write: slower } }),
    ).toMatchInlineSnapshot(`
      [
        "reads p50 | 0.41 ms | 0.43 ms | +5 % | same (noise 6 %)",
        "reads p95 | 1.10 ms | 1.25 ms | +14 % | slower: look at the plans",
        "reads p99 | 4.00 ms | 4.70 ms | +18 % | same (noise 20 %)",
        "reads per second | 278 | 300 | +8 % | what the application sends",
        "writes p50 | 0.41 ms | 0.43 ms | +5 % | same (noise 6 %)",
        "writes p95 | 1.10 ms | 1.25 ms | +14 % | slower: expected while both are written",
        "writes p99 | 4.00 ms | 4.70 ms | +18 % | same (noise 20 %)",
        "writes per second | 278 | 300 | +8 % | what the application sends",
        "[! ] Worse in switch than in off by more than noise: reads p95 +14 %.",
        "[  ] What both columns cost, until the old one is dropped: writes p95 +14 %.",
      ]
    `)
  })

  test('and what is no slower is said as well', () => {
    expect(
      told(off, { stage: 'dropped', phase: 'dropped', sessions: { read: { ...LATENCY, p99Ms: 2 } } }),
    ).toMatchInlineSnapshot(`
      [
        "reads p50 | 0.41 ms | 0.41 ms | 0 % | same (noise 6 %)",
        "reads p95 | 1.10 ms | 1.10 ms | 0 % | same (noise 8 %)",
        "reads p99 | 4.00 ms | 2.00 ms | -50 % | faster",
        "reads per second | 278 | 278 | 0 % | same",
        "[ok] Nothing is slower in dropped than in off without a known reason.",
      ]
    `)
  })

  test('but of few statements nothing is said', () => {
    const few = { ...slower, count: 90 }
    expect(told(off, { stage: 'expand', phase: 'expand', sessions: { read: few } })).toMatchInlineSnapshot(`
      [
        "reads p50 | 0.41 ms | 0.43 ms | +5 % | same (noise 6 %)",
        "reads p95 | 1.10 ms | 1.25 ms | +14 % | too few statements to tell",
        "reads p99 | 4.00 ms | 4.70 ms | +18 % | too few statements to tell",
        "reads per second | 278 | 300 | +8 % | what the application sends",
        "[ok] Nothing is slower in expand than in off without a known reason.",
      ]
    `)
  })

  test('where both columns are gone from the comparison, slower writes are no more expected', () => {
    const sessions = { write: slower }
    expect(compare(off, { stage: 'dropped', phase: 'dropped', sessions })[1]).toMatchObject({ worse: 'unexpected' })
    expect(compare({ ...off, phase: 'expand' }, { stage: 'switch', phase: 'switch', sessions })[1]).toMatchObject({
      worse: 'unexpected',
    })
  })
})

describe('the plot', () => {
  const stages = byStage([before, { ...now, stage: 'expand', p50Ms: 9 }, { ...now, stage: 'expand' }, now])

  test('is the same for the same measurements, and has what a reader without eyes needs', () => {
    const svg = plotSvg('users', stages)
    expect(svg).toBe(plotSvg('users', stages))
    expect(svg).toMatchInlineSnapshot(`
      "<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 280" role="img">
      <title>Latency of statements on users by stage</title>
      <desc>p50: off 0.41 ms, expand 0.42 ms, switch 0.42 ms; p95: off 1.1 ms, expand 1.5 ms, switch 1.5 ms; p99: off 4 ms, expand 3 ms, switch 3 ms</desc>
      <style>text{font:12px sans-serif;fill:#333}path{fill:none;stroke-width:2}.grid{stroke:#ddd;stroke-width:1}.s0{stroke:#0b62a8}.s1{stroke:#b3541e}.s2{stroke:#6b4a9e}circle{fill:#fff;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.s0{stroke:#6cb6ff}.s1{stroke:#f0a070}.s2{stroke:#c0a0f0}circle{fill:#222}}</style>
      <text x="64" y="20">Latency of statements on users by stage, ms</text>
      <path class="grid" d="M64,246H550"/>
      <text x="56" y="250" text-anchor="end">0</text>
      <path class="grid" d="M64,194.5H550"/>
      <text x="56" y="198.5" text-anchor="end">1</text>
      <path class="grid" d="M64,143H550"/>
      <text x="56" y="147" text-anchor="end">2</text>
      <path class="grid" d="M64,91.5H550"/>
      <text x="56" y="95.5" text-anchor="end">3</text>
      <path class="grid" d="M64,40H550"/>
      <text x="56" y="44" text-anchor="end">4</text>
      <text x="104.5" y="268" text-anchor="middle">off</text>
      <text x="307" y="268" text-anchor="middle">expand</text>
      <text x="509.5" y="268" text-anchor="middle">switch</text>
      <path class="s0" d="M104.5,224.9L307,224.4L509.5,224.4"/>
      <circle class="s0" cx="104.5" cy="224.9" r="3"/>
      <circle class="s0" cx="307" cy="224.4" r="3"/>
      <circle class="s0" cx="509.5" cy="224.4" r="3"/>
      <text x="519.5" y="228.4">p50</text>
      <path class="s1" d="M104.5,189.4L307,168.8L509.5,168.8" stroke-dasharray="6 3"/>
      <circle class="s1" cx="104.5" cy="189.3" r="3"/>
      <circle class="s1" cx="307" cy="168.8" r="3"/>
      <circle class="s1" cx="509.5" cy="168.8" r="3"/>
      <text x="519.5" y="172.8">p95</text>
      <path class="s2" d="M104.5,40L307,91.5L509.5,91.5" stroke-dasharray="2 3"/>
      <circle class="s2" cx="104.5" cy="40" r="3"/>
      <circle class="s2" cx="307" cy="91.5" r="3"/>
      <circle class="s2" cx="509.5" cy="91.5" r="3"/>
      <text x="519.5" y="95.5">p99</text>
      </svg>
      "
    `)
    expect(svg).not.toMatch(/<script|\bid=|NaN|undefined/u)
  })

  test('has reads and writes of their own where the processes have counted', () => {
    const sessions = { read: LATENCY, write: { ...LATENCY, p99Ms: 40 } }
    const svg = plotSvg('users', [before, { ...now, sessions }])
    expect(svg).toContain('viewBox="0 0 640 560"')
    expect(svg).toContain('<title>Latency of statements on users by stage</title>')
    expect(svg).toContain(
      '<desc>reads: p50: switch 0.41 ms; p95: switch 1.1 ms; p99: switch 4 ms. writes: p50: switch 0.41 ms; p95: switch 1.1 ms; p99: switch 40 ms</desc>',
    )
    expect(svg).toContain('>Latency of statements on users by stage: writes, ms</text>')
    expect(elementsOf(svg)).toBe(0)
    expect(plotSvg('users', [{ ...before, sessions: { read: LATENCY } }])).toContain('viewBox="0 0 640 280"')
  })

  test.each([
    ['one stage', [before]],
    ['no statements', [{ ...before, p50Ms: undefined, p95Ms: undefined, p99Ms: undefined }]],
    ['no bytes', [{ ...before, p50Ms: 0, p95Ms: 0, p99Ms: 0, tableBytes: 0, indexBytes: 0 }]],
    ['odd names', [{ ...before, stage: '<a href="&">\u0000\ud800' }, now]],
  ] as const)('is well formed: %s', (_, measured) => {
    const svg = plotSvg('a<b>&"c"', measured)
    expect(elementsOf(svg)).toBe(0)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/u)
  })
})

/** How many elements are open at the end; throws where one closes that is not the last, or text has a bare `<` or `&`. */
function elementsOf(svg: string): number {
  const open: string[] = []
  const rest = svg.replaceAll(
    /<(\/?)([a-z]+)((?:\s[a-z:A-Z-]+="[^"<>]*")*)(\/?)>/gu,
    (_, close, name, _attributes, self) => {
      if (close === '/') expect(open.pop()).toBe(name)
      else if (self === '') open.push(name)
      return ''
    },
  )
  expect(rest).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/u)
  return open.length
}
