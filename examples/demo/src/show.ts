import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { type Figures, mergeFigures, now, shareOfNew } from './figures.ts'
import type { Fleet } from './fleet.ts'
import { mismatchedRows } from './mismatched-rows.ts'
import type { Operator } from './operator.ts'
import type { Progress } from './progress.ts'
import type { Rollout } from './rollout.ts'

/** What the stages act on. */
export interface Show {
  /** A plain connection, without anything of expand-contract. */
  readonly db: Client
  readonly operator: Operator
  readonly fleet: Fleet
  readonly rollout: Rollout
  readonly progress: Progress
}

export interface Stage {
  /** Which of the four stages of the README begins with it. @defaultValue it belongs to that of the one before */
  readonly opens?: string
  readonly name: string
  /** What an operator does in it, in a line. */
  readonly what: string
  /** Does it, under traffic; `flagsChange` is called just before the flags are flipped. */
  act(show: Show, flagsChange: () => void): Promise<void>
  /** How long to watch the traffic afterwards. */
  readonly watchSeconds: number
  /** Whether old and new columns have to agree when it is over. */
  readonly inStep: boolean
  /** Whether nobody may read a new column yet, whatever the flags say. @defaultValue false */
  readonly tooEarly?: boolean
}

export interface StageResult {
  readonly name: string
  readonly seconds: number
  readonly figures: Figures
  /** The share of reads from the new columns in the last second. */
  readonly shareAtEnd: number
  readonly flagsChangedAt: number | undefined
  readonly mismatched: number
  /** Reads of new columns, where that is too early. */
  readonly earlyReads: number
}

/** For the test of this demo, which is in more of a hurry than its audience. */
const LONGEST_WATCH_SECONDS = Number(process.env.DEMO_LONGEST_WATCH_SECONDS ?? 60)

/** Runs one stage, and reports on the traffic every second. */
export async function runStage(show: Show, stage: Stage): Promise<StageResult> {
  const started = now()
  const elapsed = (): number => (now() - started) / 1_000
  let flagsChangedAt: number | undefined
  let over = false
  if (stage.opens !== undefined) show.progress.part(stage.opens)
  show.progress.stage(stage.name, stage.what)

  const watch = async (): Promise<readonly Figures[]> => {
    const seconds: Figures[] = []
    while (!over) {
      await sleep(1_000)
      const second = await show.fleet.figures()
      seconds.push(second)
      show.progress.second(elapsed(), second)
    }
    return seconds
  }
  const act = async (): Promise<void> => {
    try {
      await stage.act(show, () => {
        flagsChangedAt = now()
      })
      await sleep(Math.min(stage.watchSeconds, LONGEST_WATCH_SECONDS) * 1_000)
    } finally {
      over = true
    }
  }
  const [seconds] = await Promise.all([watch(), act()])
  const mismatched = stage.inStep ? await mismatchedRows(show.db) : 0
  if (stage.inStep) show.progress.note(`${mismatched} rows where the old and the new column disagree`)
  const figures = mergeFigures(seconds)
  return {
    name: stage.name,
    seconds: elapsed(),
    figures,
    earlyReads: stage.tooEarly === true ? figures.reads.new.count : 0,
    shareAtEnd: shareOfNew(mergeFigures(seconds.slice(-1))),
    flagsChangedAt,
    mismatched,
  }
}
