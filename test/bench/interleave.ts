import { Worker } from 'node:worker_threads'
import { median, type Spread, spreadOf } from './spread.ts'

/** One way to do the same thing. */
export interface Variant {
  readonly name: string
  /** Called with the number of the turn, counted over all rounds. */
  run(turn: number): Promise<unknown>
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
  readonly rounds: number
  /** Turns of every variant in a round. */
  readonly turns: number
}

/** Microseconds per turn of one variant. The differences are to the first variant; per round, the median counts. */
export interface Measured {
  readonly name: string
  readonly us: Spread
  readonly differenceUs: Spread
  readonly differencePercent: Spread
}

/** What a worker is asked for: the next turns, or what stands around a round. */
export type Ask = 'begin' | 'end' | 'stop' | { readonly first: number; readonly turns: number }

/** What it answers: at first the names of all variants, then microseconds of each turn, or nothing. */
export type Answer = readonly string[] | Float64Array | undefined

/** Turns of one variant in a row: long enough to be warm, as an application is, and short against the drift of a machine. */
const BLOCK = 20

/**
 * Measures variants in turns, A B A B ..., block by block, since whole runs differ by 4 to 18 % and neighbouring blocks
 * hardly. Each has a thread of its own with one kind of client in it, as an application has: in one heap the compiler would
 * have to expect every kind of client at every place. The order alternates, so that none always comes after another.
 */
export async function interleave(plan: Plan): Promise<readonly Measured[]> {
  const first = await VariantWorker.start(plan, 0)
  const { names } = first
  const workers = [first]
  while (workers.length < names.length) workers.push(await VariantWorker.start(plan, workers.length))
  const rounds: number[][] = []
  // The first round warms up: connections, plans, the compiler.
  for (let round = 0; round <= plan.rounds; round++) {
    for (const worker of workers) await worker.ask('begin')
    const medians = await measureRound(workers, plan.turns, round * plan.turns)
    for (const worker of workers) await worker.ask('end')
    if (round > 0) rounds.push(medians)
  }
  for (const worker of workers) await worker.stop()
  return names.map((name, index) => {
    const difference = (medians: readonly number[]): number => (medians[index] ?? 0) - (medians[0] ?? 0)
    return {
      name,
      us: spreadOf(rounds.map((medians) => medians[index] ?? 0)),
      differenceUs: spreadOf(rounds.map(difference)),
      differencePercent: spreadOf(rounds.map((medians) => (100 * difference(medians)) / (medians[0] ?? 1))),
    }
  })
}

async function measureRound(workers: readonly VariantWorker[], turns: number, firstTurn: number): Promise<number[]> {
  const times = workers.map((): number[] => [])
  const order = workers.map((worker, index) => ({ worker, into: times[index] ?? [] }))
  for (let turn = 0; turn < turns; turn += BLOCK) {
    for (const { worker, into } of order) {
      const measured = await worker.ask({ first: firstTurn + turn, turns: Math.min(BLOCK, turns - turn) })
      if (measured instanceof Float64Array) into.push(...measured)
    }
    order.reverse()
  }
  return times.map(median)
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
