export interface OutputFacts {
  readonly stderrIsTty: boolean
  readonly ci: boolean
  readonly dumb: boolean
  readonly quiet: boolean
  readonly json: boolean
}

/** How progress is shown: a block that is drawn again, lines, or not at all. */
export type OutputMode = 'live' | 'lines' | 'none'

/** One decision for all commands. The result is printed in every mode. */
export function outputMode({ stderrIsTty, ci, dumb, quiet, json }: OutputFacts): OutputMode {
  if (quiet) return 'none'
  return stderrIsTty && !ci && !dumb && !json ? 'live' : 'lines'
}

/** Every second for 10 s, then every 10 s, after 10 min every 30 s: a log is read from its beginning. */
export function lineEveryMs(runningMs: number): number {
  if (runningMs < 10_000) return 1_000
  return runningMs < 600_000 ? 10_000 : 30_000
}
