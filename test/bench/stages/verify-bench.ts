import { verify } from '@expand-contract/runner'
import { spreadOf } from '../spread.ts'
import { fill } from './backfill-bench.ts'
import { measure, perEach, Rounds, type StageFigure } from './measure.ts'
import { FULL_NAME, type StageDatabase } from './stage-database.ts'

/** A verification, which compares two columns of every row, against a statement that has to take every row apart as well. */
export async function benchVerify(database: StageDatabase, rounds: number): Promise<readonly StageFigure[]> {
  await using copy = await database.copy()
  const { client } = copy
  await fill(client, 'fast')
  await client.query('vacuum (freeze, analyze) items')
  // A verification leaves the other processors to the application.
  await client.query('set max_parallel_workers_per_gather = 0')
  const count = (): Promise<unknown> => client.query('select count(full_name) from items')
  const pass = (): Promise<unknown> => verify({ migration: FULL_NAME, client, who: 'bench' })
  const all = new Rounds<'verify' | 'count(new)'>()
  const [ms, cpuMs]: readonly [number[], number[]] = [[], []]
  for (let round = -2; round < rounds; round++) {
    const counted = perEach(await measure(client, count), database.rows)
    const verified = perEach(await measure(client, pass), database.rows)
    if (round >= 0) all.add({ verify: verified, 'count(new)': counted })
  }
  // What it costs whatever the size of the table: catalog, cursor, record.
  await client.query('truncate items')
  for (let round = -2; round < rounds; round++) {
    const { seconds, cpuSeconds } = await measure(client, pass)
    if (round < 0) continue
    ms.push(seconds * 1_000)
    cpuMs.push(cpuSeconds * 1_000)
  }
  return [
    { name: 'verify of no rows', unit: 'ms', value: spreadOf(ms), cpu: spreadOf(cpuMs) },
    all.time('count(new)', 'us/row'),
    all.time('verify', 'us/row'),
    all.cost('verify', 'count(new)', { atMost: 1.15 }),
  ]
}
