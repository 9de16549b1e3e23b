import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
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
}

/** Microseconds per turn of one variant. The differences are to the first variant; per round, the median counts. */
export interface Measured {
  readonly name: string
  /** Until the answer is there. */
  readonly us: Spread
  readonly differenceUs: Spread
  readonly differencePercent: Spread
  /**
   * What the variant's process was on a processor for, the socket included: what the client costs, whatever the network, the
   * server and the other guests of a machine do meanwhile. NaN where something is done before each turn.
   */
  readonly cpuUs: Spread
  readonly cpuDifferenceUs: Spread
}

/** Which variant of which scenario a process is for, as JSON in its first argument. */
export interface Work {
  readonly url: string
  readonly scenario: number
  readonly variant: number
}

/** What the process of a variant is asked for. */
export type Ask =
  | { readonly kind: 'execute'; readonly text: string }
  | ({ readonly kind: 'run'; readonly measured: boolean } & Turns)
  | { readonly kind: 'close' }

interface Turns {
  readonly first: number
  readonly turns: number
}

/** Of a block of turns: microseconds of each until the answer, and those on a processor per turn. */
export interface Block {
  readonly us: Float64Array
  readonly cpuUs: number
}

/** What it answers: what was measured, or nothing. */
export type Answer = Block | undefined

/** Turns of one variant in a row: long enough to be warm, as an application is, and short against the drift of a machine. */
const BLOCK = 50

/**
 * Measures variants in turns, A B A B ..., block by block, since whole runs differ by 4 to 18 % and neighbouring blocks
 * hardly. Each has a process of its own with one kind of client in it, as an application has: in one heap the compiler would
 * have to expect every kind of client at every place, and threads of one process cost each other more than what is measured
 * (in threads a look-up through the waist took 10 us more than without it, in processes 3). The order alternates, so that
 * none always comes after another. Processes are started afresh, since two that do the same differ by up to 8 us a query for
 * as long as they live. They warm up before they are measured: the compiler takes some 5,000 to 22,000 turns to come to the
 * end, a second or two of a busy process, in which everything is slower, and the more so the more code there is. They do so in
 * rounds as they are measured in, since code that was compiled in one transaction is thrown away at the end of it, once.
 */
export async function interleave(scenario: Scenario, plan: Plan): Promise<readonly Measured[]> {
  const rounds: (readonly Medians[])[] = []
  for (let start = 0; start < plan.starts; start++) rounds.push(...(await measureStart(scenario, plan, start)))
  return scenario.variants.map(({ name }, index) => {
    const spread = (of: (variant: Medians, base: Medians) => number): Spread =>
      spreadOf(rounds.map((round) => of(round[index] ?? NOTHING, round[0] ?? NOTHING)))
    return {
      name,
      us: spread(({ us }) => us),
      differenceUs: spread(({ us }, base) => us - base.us),
      differencePercent: spread(({ us }, base) => (100 * (us - base.us)) / base.us),
      cpuUs: spread(({ cpuUs }) => cpuUs),
      cpuDifferenceUs: spread(({ cpuUs }, base) => cpuUs - base.cpuUs),
    }
  })
}

/** All rounds of one set of processes. */
async function measureStart(scenario: Scenario, plan: Plan, start: number): Promise<readonly (readonly Medians[])[]> {
  const { turns } = plan
  const warmUps = Math.ceil(plan.warmUp / turns)
  const first = start * (warmUps + plan.rounds) * turns
  const processes: VariantProcess[] = []
  const rounds: Medians[][] = []
  try {
    for (const variant of scenario.variants.keys()) processes.push(await VariantProcess.start({ ...plan, variant }))
    for (const each of processes)
      for (let round = 0; round < warmUps; round++)
        await around([each], scenario.aroundWarmUp ?? scenario.around, () =>
          each.ask({ kind: 'run', measured: false, first: first + round * turns, turns }),
        )
    for (let round = 0; round < plan.rounds; round++)
      await around(processes, scenario.around, async () => {
        rounds.push(await measureRound(processes, turns, first + (warmUps + round) * turns))
      })
    for (const each of processes) await each.stop()
  } finally {
    for (const each of processes) each.kill()
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

async function measureRound(processes: readonly VariantProcess[], turns: number, first: number): Promise<Medians[]> {
  const blocks = processes.map((): Block[] => [])
  const order = processes.map((process, index) => ({ process, into: blocks[index] ?? [] }))
  for (let turn = 0; turn < turns; turn += BLOCK) {
    for (const { process, into } of order) {
      const block: Turns = { first: first + turn, turns: Math.min(BLOCK, turns - turn) }
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

class VariantProcess {
  readonly #process: ChildProcess

  private constructor(process: ChildProcess) {
    this.#process = process
  }

  static async start({ url, scenario, variant }: Work): Promise<VariantProcess> {
    const work: Work = { url, scenario, variant }
    const script = fileURLToPath(new URL('variant-process.ts', import.meta.url))
    const started = new VariantProcess(fork(script, [JSON.stringify(work)], { serialization: 'advanced' }))
    await started.#answer()
    return started
  }

  ask(what: Ask): Promise<Answer> {
    const answer = this.#answer()
    this.#process.send(what)
    return answer
  }

  /** One that has been stopped is not there any more. */
  kill(): void {
    this.#process.kill()
  }

  async stop(): Promise<void> {
    await this.ask({ kind: 'close' })
    const gone = once(this.#process, 'exit')
    this.#process.disconnect()
    await gone
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        this.#process.off('message', answered)
        this.#process.off('exit', failed)
      }
      const answered = (message: unknown): void => {
        settled()
        resolve((message as { readonly answer: Answer }).answer)
      }
      const failed = (code: number | null): void => {
        settled()
        reject(new Error(`the process of a variant has ended with ${code}; what it said is above`))
      }
      this.#process.on('message', answered)
      this.#process.on('exit', failed)
    })
  }
}
