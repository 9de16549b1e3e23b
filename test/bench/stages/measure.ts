import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { type Spread, spreadOf } from '../spread.ts'

/** What something took: until it was over, and what the server's process of a connection was on a processor for, in seconds. */
export interface Took {
  readonly seconds: number
  /** NaN where that cannot be known: it is read from Linux. */
  readonly cpuSeconds: number
}

export async function measure(client: pg.Client, work: () => Promise<unknown>): Promise<Took> {
  const pid = await backendOf(client)
  const cpu = await onProcessor(pid)
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1_000
  return { seconds, cpuSeconds: (await onProcessor(pid)) - cpu }
}

async function backendOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? Number.NaN
}

/** What else runs on the machine does not count in it, and hardly changes it. */
async function onProcessor(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => 'NaN')
  return Number(text.split(' ')[0]) / 1e9
}

/** What one contender did in one round, for each row or transaction, in microseconds. */
export interface Sample {
  readonly us: number
  readonly cpuUs: number
}

export const perEach = ({ seconds, cpuSeconds }: Took, count: number): Sample => ({
  us: (seconds * 1e6) / count,
  cpuUs: (cpuSeconds * 1e6) / count,
})

export interface Limit {
  readonly atLeast?: number
  readonly atMost?: number
}

/** One line of what is told: a ratio or a figure, over all rounds, with what it has to be. */
export interface StageFigure {
  readonly name: string
  readonly value: Spread
  /** The same of the server's time on a processor. */
  readonly cpu?: Spread
  readonly unit: 'x' | 'us' | 'ms' | '%' | 'us/row' | 'us/transaction'
  readonly limit?: Limit
}

/** The samples of each contender, round by round. */
export class Rounds<Name extends string> {
  readonly #rounds: Readonly<Record<Name, Sample>>[] = []

  add(round: Readonly<Record<Name, Sample>>): void {
    this.#rounds.push(round)
  }

  time(name: Name, unit: StageFigure['unit']): StageFigure {
    return {
      name,
      unit,
      ...this.#over(
        (round) => round[name].us,
        (round) => round[name].cpuUs,
      ),
    }
  }

  /** How much faster the first is than the second. */
  speed(fast: Name, slow: Name, limit?: Limit): StageFigure {
    const of = (key: keyof Sample) => (round: Readonly<Record<Name, Sample>>) => round[slow][key] / round[fast][key]
    return {
      name: `${fast}, times the rows/s of ${slow}`,
      unit: 'x',
      ...(limit && { limit }),
      ...this.#over(of('us'), of('cpuUs')),
    }
  }

  /** How much more the first takes than the second. */
  cost(one: Name, other: Name, limit?: Limit): StageFigure {
    const of = (key: keyof Sample) => (round: Readonly<Record<Name, Sample>>) => round[one][key] / round[other][key]
    return { name: `${one}, times ${other}`, unit: 'x', ...(limit && { limit }), ...this.#over(of('us'), of('cpuUs')) }
  }

  /** How much more the first takes than the second, in percent of the second's time. */
  percent(one: Name, other: Name, limit?: Limit): StageFigure {
    const value = spreadOf(this.#rounds.map((round) => (100 * (round[one].us - round[other].us)) / round[other].us))
    // Of the whole transaction, too: what the server computes is a part of it.
    const cpu = spreadOf(this.#rounds.map((round) => (100 * (round[one].cpuUs - round[other].cpuUs)) / round[other].us))
    return { name: `${one}, above ${other}`, unit: '%', ...(limit && { limit }), value, cpu }
  }

  #over(
    value: (round: Readonly<Record<Name, Sample>>) => number,
    cpu: (round: Readonly<Record<Name, Sample>>) => number,
  ): { readonly value: Spread; readonly cpu: Spread } {
    return { value: spreadOf(this.#rounds.map(value)), cpu: spreadOf(this.#rounds.map(cpu)) }
  }
}
