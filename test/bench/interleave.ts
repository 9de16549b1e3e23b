import { Worker } from 'node:worker_threads'
import { median, type Spread, spreadOf } from './spread.ts'

/** One way to do the same thing. */
export interface Variant {
  readonly name: string
  /** Called with the number of the turn, counted over all rounds. */
  run(turn: number): Promise<unknown>
  /** Called before each turn. Not measured. */
  before?(): unknown
}

/** Around each round: begin and roll back, for example. Not measured. */
export interface Around {
  begin(): Promise<unknown>
  end(): Promise<unknown>
}

export interface Plan {
  readonly url: string
  /** Which of all scenarios. */
  readonly scenario: number
  /** How often every variant gets a fresh thread. */
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
   * What the variant's thread was on a processor for, the socket included: what the client costs, whatever the network, the
   * server and the other guests of a machine do meanwhile. NaN where something is done before each turn.
   */
  readonly cpuUs: Spread
  readonly cpuDifferenceUs: Spread
}

/** What a worker is asked for: the next turns, or what stands around a round or around the turns that warm up. */
export type Ask = 'begin' | 'end' | 'begin to warm up' | 'stop' | Turns

interface Turns {
  readonly first: number
  readonly turns: number
  /** True for turns that nothing is measured of. */
  readonly warmUp?: boolean
}

/** Of a block of turns: microseconds of each until the answer, and those on a processor per turn. */
export interface Block {
  readonly us: Float64Array
  readonly cpuUs: number
}

/** What it answers: at first the names of all variants, then what was measured, or nothing. */
export type Answer = readonly string[] | Block | undefined

/** Turns of one variant in a row: long enough to be warm, as an application is, and short against the drift of a machine. */
const BLOCK = 20

/**
 * Measures variants in turns, A B A B ..., block by block, since whole runs differ by 4 to 18 % and neighbouring blocks
 * hardly. Each has a thread of its own with one kind of client in it, as an application has: in one heap the compiler would
 * have to expect every kind of client at every place. The order alternates, so that none always comes after another.
 * Threads are started afresh, since two that do the same differ by up to 8 us a query for as long as they live. They warm up
 * before they are measured: the compiler takes some 5,000 turns to come to the end, a second or two of a busy process, in
 * which everything is slower, and the more so the more code there is.
 */
export async function interleave(plan: Plan): Promise<readonly Measured[]> {
  const rounds: Medians[][] = []
  let names: readonly string[] = []
  for (let start = 0; start < plan.starts; start++) {
    const workers = await startAll(plan)
    names = workers[0]?.names ?? []
    const first = start * (plan.warmUp + plan.rounds * plan.turns)
    await warmUp(workers, { first, turns: plan.warmUp, warmUp: true })
    for (let round = 0; round < plan.rounds; round++) {
      for (const worker of workers) await worker.ask('begin')
      rounds.push(await measureRound(workers, plan.turns, first + plan.warmUp + round * plan.turns))
      for (const worker of workers) await worker.ask('end')
    }
    for (const worker of workers) await worker.stop()
  }
  return names.map((name, index) => {
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

async function startAll(plan: Plan): Promise<readonly VariantWorker[]> {
  const first = await VariantWorker.start(plan, 0)
  const workers = [first]
  while (workers.length < first.names.length) workers.push(await VariantWorker.start(plan, workers.length))
  return workers
}

async function warmUp(workers: readonly VariantWorker[], turns: Turns): Promise<void> {
  for (const worker of workers) {
    await worker.ask('begin to warm up')
    await worker.ask(turns)
    await worker.ask('end')
  }
}

/** Of one variant in one round. */
interface Medians {
  readonly us: number
  /** The mean: a block may be shorter than the clock's step. */
  readonly cpuUs: number
}

const NOTHING: Medians = { us: Number.NaN, cpuUs: Number.NaN }

async function measureRound(workers: readonly VariantWorker[], turns: number, firstTurn: number): Promise<Medians[]> {
  const blocks = workers.map((): Block[] => [])
  const order = workers.map((worker, index) => ({ worker, into: blocks[index] ?? [] }))
  for (let turn = 0; turn < turns; turn += BLOCK) {
    for (const { worker, into } of order) {
      const measured = await worker.ask({ first: firstTurn + turn, turns: Math.min(BLOCK, turns - turn) })
      if (measured !== undefined && 'cpuUs' in measured) into.push(measured)
    }
    order.reverse()
  }
  return blocks.map((measured) => ({
    us: median(measured.flatMap(({ us }) => [...us])),
    cpuUs: measured.reduce((sum, { cpuUs, us }) => sum + cpuUs * us.length, 0) / turns,
  }))
}

class VariantWorker {
  readonly #worker: Worker
  /** Of all variants of the scenario. */
  names: readonly string[] = []

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static async start({ url, scenario }: Plan, variant: number): Promise<VariantWorker> {
    const started = new VariantWorker(
      new Worker(new URL('variant-worker.ts', import.meta.url), { workerData: { url, scenario, variant } }),
    )
    const names = await started.#answer()
    if (Array.isArray(names)) started.names = names
    return started
  }

  ask(what: Ask): Promise<Answer> {
    const answer = this.#answer()
    this.#worker.postMessage(what)
    return answer
  }

  async stop(): Promise<void> {
    await this.ask('stop')
    await this.#worker.terminate()
  }

  #answer(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        this.#worker.off('message', answered)
        this.#worker.off('error', failed)
      }
      const answered = (answer: Answer): void => {
        settled()
        resolve(answer)
      }
      const failed = (error: unknown): void => {
        settled()
        reject(error)
      }
      this.#worker.on('message', answered)
      this.#worker.on('error', failed)
    })
  }
}
