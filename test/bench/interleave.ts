import { type Block, VariantProcess, type Work } from './measured-process.ts'
import type { Around, Scenario } from './scenario.ts'
import { median, type Spread, spreadOf } from './spread.ts'

export interface Plan {
  readonly url: string
  /** Which of all scenarios. */
  readonly scenario: number
  /** How often every variant gets a fresh process. */
  readonly starts: number
  /** With each of them. */
  readonly rounds: number
  /** Turns of every variant in a round. */
  readonly turns: number
  /** Turns of every variant before the first round. */
  readonly warmUp: number
  /** The folder of another checkout, with whose packages the variant `through` is measured a second time. */
  readonly before?: string
}

/** Microseconds per turn. */
interface Times {
  /** Until the answer is there. */
  readonly us: Spread
  /**
   * What the variant's process was on a processor for, the socket included: what the client costs, whatever the network, the
   * server and the other guests of a machine do meanwhile. NaN where something is done before each turn.
   */
  readonly cpuUs: Spread
}

export interface Difference {
  readonly differenceUs: Spread
  readonly differencePercent: Spread
  readonly cpuDifferenceUs: Spread
}

/** Per turn of one variant. The differences are to the first variant; per round, the median counts. */
export interface Measured extends Times, Difference {
  readonly name: string
}

export interface Comparison extends Difference {
  readonly name: string
}

export interface Interleaved {
  readonly variants: readonly Measured[]
  /** Of two variants of which neither is the first. */
  readonly comparisons: readonly Comparison[]
  /** Why there is no such comparison, where one was asked for. */
  readonly notBefore?: string
}

export const THROUGH = 'through'
/** What through does, written by hand on pg as it is. */
export const BY_HAND = 'by hand'
const BEFORE = 'through, before'

/** Turns of one variant in a row: long enough to be warm, as an application is, and short against the drift of a machine. */
const BLOCK = 50

/**
 * Measures variants in turns, A B A B ..., block by block, since whole runs differ by 4 to 18 % and neighbouring blocks
 * hardly. Each has a process of its own with one kind of client in it, as an application has: in one heap the compiler would
 * have to expect every kind of client at every place, and threads of one process cost each other more than what is measured
 * (in threads a look-up through the library took 10 us more than without it, in processes 3). The order alternates, so that
 * none always comes after another. Processes are started afresh, since two that do the same differ by up to 8 us a query for
 * as long as they live. They warm up before they are measured: the compiler takes some 5,000 to 22,000 turns to come to the
 * end, a second or two of a busy process, in which everything is slower, and the more so the more code there is. They do so in
 * rounds as they are measured in, since code that was compiled in one transaction is thrown away at the end of it, once.
 */
export async function interleave(scenario: Scenario, plan: Plan): Promise<Interleaved> {
  const all = runningOf(scenario, plan)
  const before = all.find(({ name }) => name === BEFORE)
  const notBefore = before && (await whyNot(before, scenario, plan))
  const running = notBefore === undefined ? all : all.filter((each) => each !== before)
  const rounds: (readonly Medians[])[] = []
  for (let start = 0; start < plan.starts; start++) rounds.push(...(await measureStart(running, scenario, plan, start)))
  const spread = (of: (round: readonly Medians[]) => number): Spread => spreadOf(rounds.map(of))
  const difference = (one: number, other: number): Difference => {
    const between = (of: (variant: Medians, base: Medians) => number): Spread =>
      spread((round) => of(round[one] ?? NOTHING, round[other] ?? NOTHING))
    return {
      differenceUs: between(({ us }, base) => us - base.us),
      differencePercent: between(({ us }, base) => (100 * (us - base.us)) / base.us),
      cpuDifferenceUs: between(({ cpuUs }, base) => cpuUs - base.cpuUs),
    }
  }
  const place = (name: string): number => running.findIndex((each) => each.name === name)
  return {
    variants: running.map(({ name }, index) => ({
      name,
      us: spread((round) => round[index]?.us ?? Number.NaN),
      cpuUs: spread((round) => round[index]?.cpuUs ?? Number.NaN),
      ...difference(index, 0),
    })),
    comparisons: [
      { name: 'now against before', other: place(BEFORE) },
      { name: 'through against by hand', other: place(BY_HAND) },
    ].flatMap(({ name, other }) => (other > 0 ? [{ name, ...difference(place(THROUGH), other) }] : [])),
    ...(notBefore !== undefined && { notBefore }),
  }
}

/** A variant in a process of its own. */
interface Running {
  readonly name: string
  readonly variant: number
  /** Has turns of its own: else it would write the rows of its twin. */
  readonly before?: string
}

function runningOf({ variants }: Scenario, { before }: Plan): readonly Running[] {
  return variants.flatMap(({ name }, variant) => [
    { name, variant },
    ...(name === THROUGH && before !== undefined ? [{ name: BEFORE, variant, before }] : []),
  ])
}

/** By name: the other checkout is one variant's alone. */
const workOf = ({ variant, before }: Running, { url, scenario }: Plan): Work => ({
  url,
  scenario,
  variant,
  ...(before !== undefined && { before }),
})

/** Tries one turn after all the others. @returns why it cannot be measured */
async function whyNot(running: Running, scenario: Scenario, plan: Plan): Promise<string | undefined> {
  let tried: VariantProcess | undefined
  try {
    tried = await VariantProcess.start(workOf(running, plan))
    const process = tried
    const first = firstOf(running, plan, plan.starts * roundsOf(plan))
    await around([process], scenario.around, () => process.ask({ kind: 'run', measured: false, first, turns: 1 }))
    await process.stop()
    return undefined
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n')[0]
  } finally {
    tried?.kill()
  }
}

const warmUpsOf = ({ warmUp, turns }: Plan): number => Math.ceil(warmUp / turns)

/** Of one start. */
const roundsOf = (plan: Plan): number => warmUpsOf(plan) + plan.rounds

/** The number of the first turn of a round, of which every process counts those of all starts. */
function firstOf(running: Running, { turns, before }: Plan, round: number): number {
  if (before === undefined) return round * turns
  return (2 * round + (running.before === undefined ? 0 : 1)) * turns
}

interface Process {
  readonly process: VariantProcess
  readonly running: Running
}

/** All rounds of one set of processes. */
async function measureStart(
  all: readonly Running[],
  scenario: Scenario,
  plan: Plan,
  start: number,
): Promise<readonly (readonly Medians[])[]> {
  const { turns } = plan
  const earlier = start * roundsOf(plan)
  const warmUps = warmUpsOf(plan)
  const started: Process[] = []
  const rounds: Medians[][] = []
  try {
    for (const running of all) started.push({ running, process: await VariantProcess.start(workOf(running, plan)) })
    const processes = started.map(({ process }) => process)
    for (const { running, process } of started)
      for (let round = 0; round < warmUps; round++)
        await around([process], scenario.aroundWarmUp ?? scenario.around, () =>
          process.ask({ kind: 'run', measured: false, first: firstOf(running, plan, earlier + round), turns }),
        )
    for (let round = 0; round < plan.rounds; round++)
      await around(processes, scenario.around, async () => {
        rounds.push(await measureRound(started, plan, earlier + warmUps + round))
      })
    for (const process of processes) await process.stop()
  } finally {
    for (const { process } of started) process.kill()
  }
  return rounds
}

async function around(
  processes: readonly VariantProcess[],
  texts: Around | undefined,
  work: () => Promise<unknown>,
): Promise<void> {
  const all = async (text: string | undefined): Promise<void> => {
    for (const each of processes) if (text !== undefined) await each.ask({ kind: 'execute', text })
  }
  await all(texts?.begin)
  await work()
  await all(texts?.end)
}

/** Of one variant in one round. */
interface Medians {
  readonly us: number
  /** The mean: a block may be shorter than the clock's step. */
  readonly cpuUs: number
}

const NOTHING: Medians = { us: Number.NaN, cpuUs: Number.NaN }

async function measureRound(processes: readonly Process[], plan: Plan, round: number): Promise<Medians[]> {
  const { turns } = plan
  const blocks = processes.map((): Block[] => [])
  const order = processes.map(({ process, running }, index) => ({
    process,
    first: firstOf(running, plan, round),
    into: blocks[index] ?? [],
  }))
  for (let turn = 0; turn < turns; turn += BLOCK) {
    for (const { process, first, into } of order) {
      const block = { first: first + turn, turns: Math.min(BLOCK, turns - turn) }
      const measured = await process.ask({ kind: 'run', measured: true, ...block })
      if (measured !== undefined) into.push(measured)
    }
    order.reverse()
  }
  return blocks.map((measured) => ({
    us: median(measured.flatMap(({ us }) => [...us])),
    cpuUs: measured.reduce((sum, { cpuUs, us }) => sum + cpuUs * us.length, 0) / turns,
  }))
}
