import { median, type Spread, spreadOf } from './spread.ts'

/** One way to do the same thing. */
export interface Variant {
  readonly name: string
  /** Called with the number of the turn, counted over all rounds. */
  run(turn: number): Promise<unknown>
}

export interface Plan {
  readonly rounds: number
  /** Turns of every variant in a round. */
  readonly turns: number
  /** Around each round: begin and roll back, for example. Not measured. */
  readonly around?: { begin(): Promise<unknown>; end(): Promise<unknown> }
}

/** Microseconds per turn of one variant. The differences are to the first variant, turn by turn; per round, the median counts. */
export interface Measured {
  readonly name: string
  readonly us: Spread
  readonly differenceUs: Spread
  readonly differencePercent: Spread
}

/**
 * Measures variants in turns, A B A B ..., since whole runs differ by 4 to 18 % and neighbouring turns hardly. The order
 * within a turn alternates, so that none of them always comes after another.
 */
export async function interleave(variants: readonly Variant[], plan: Plan): Promise<readonly Measured[]> {
  const rounds: RoundMedians[][] = []
  // The first round warms up: connections, plans, the compiler.
  for (let round = 0; round <= plan.rounds; round++) {
    await plan.around?.begin()
    const medians = await measureRound(variants, plan.turns, round * plan.turns)
    await plan.around?.end()
    if (round > 0) rounds.push(medians)
  }
  return variants.map(({ name }, index) => {
    const own = rounds.flatMap((medians) => medians[index] ?? [])
    return {
      name,
      us: spreadOf(own.map(({ us }) => us)),
      differenceUs: spreadOf(own.map(({ differenceUs }) => differenceUs)),
      differencePercent: spreadOf(own.map(({ differenceUs, baseUs }) => (100 * differenceUs) / baseUs)),
    }
  })
}

interface RoundMedians {
  readonly us: number
  readonly baseUs: number
  readonly differenceUs: number
}

async function wallTime(variant: Variant, turn: number): Promise<number> {
  const started = performance.now()
  await variant.run(turn)
  return (performance.now() - started) * 1_000
}

async function measureRound(variants: readonly Variant[], turns: number, firstTurn: number): Promise<RoundMedians[]> {
  const times = variants.map(() => new Array<number>(turns).fill(0))
  const order = variants.map((variant, index) => ({ variant, into: times[index] ?? [] }))
  for (let turn = 0; turn < turns; turn++) {
    for (const { variant, into } of order) {
      into[turn] = await wallTime(variant, firstTurn + turn)
    }
    order.reverse()
  }
  const [base = []] = times
  const baseUs = median(base)
  return times.map((own) => ({
    us: median(own),
    baseUs,
    differenceUs: median(own.map((us, turn) => us - (base[turn] ?? 0))),
  }))
}
