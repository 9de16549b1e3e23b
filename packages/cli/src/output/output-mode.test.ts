import { describe, expect, test } from 'vitest'
import { lineEveryMs, type OutputFacts, outputMode } from './output-mode.ts'

const facts = (over: Partial<OutputFacts>): OutputFacts => ({
  ...{ stderrIsTty: false, ci: false, dumb: false, quiet: false, json: false },
  ...over,
})

describe('how progress is shown', () => {
  test.each([
    [{ stderrIsTty: true }, 'live'],
    [{ stderrIsTty: true, ci: true }, 'lines'],
    [{ stderrIsTty: true, dumb: true }, 'lines'],
    [{ stderrIsTty: true, json: true }, 'lines'],
    [{ stderrIsTty: true, quiet: true }, 'none'],
    [{}, 'lines'],
    [{ ci: true }, 'lines'],
    [{ dumb: true }, 'lines'],
    [{ quiet: true }, 'none'],
    [{ quiet: true, ci: true, json: true }, 'none'],
  ] as const)('%o: %s', (over, mode) => {
    expect(outputMode(facts(over))).toBe(mode)
  })

  test.each([
    [0, 1_000],
    [9_999, 1_000],
    [10_000, 10_000],
    [599_999, 10_000],
    [600_000, 30_000],
    [86_400_000, 30_000],
  ])('after %i ms a line comes each %i ms', (running, every) => {
    expect(lineEveryMs(running)).toBe(every)
  })
})
