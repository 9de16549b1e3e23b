import { verify } from '@expand-contract/runner'
import type pg from 'pg'
import { fill } from './backfill-bench.ts'
import { measure, perEach, Rounds, type StageFigure } from './measure.ts'
import type { StageSizes } from './stage-bench.ts'
import { FULL_NAME, type StageDatabase } from './stage-database.ts'

/**
 * A verification, which compares two columns of every row, against a statement that has to take every row apart as well; on a table of the
 * size of the others, and on one of the size that it is for.
 */
export async function benchVerify(
  database: StageDatabase,
  { shortRounds, rounds, largeRows }: Pick<StageSizes, 'shortRounds' | 'rounds' | 'largeRows'>,
): Promise<readonly StageFigure[]> {
  await using copy = await database.copy()
  const { client } = copy
  await fill(client, 'fast')
  // A verification leaves the other processors to the application.
  await client.query('set max_parallel_workers_per_gather = 0')
  const small = await compare(client, database.rows, shortRounds)
  await client.query('truncate items')
  // What it costs whatever the size of the table: catalog, cursor, record.
  const none = new Rounds<'verify of no rows'>()
  for (let round = -2; round < shortRounds; round++) {
    // In milliseconds.
    const took = perEach(await measure(client, () => pass(client)), 1_000)
    if (round >= 0) none.add({ 'verify of no rows': took })
  }
  await client.query(`insert into items (id, name, note, full_name)
    select n, 'Customer ' || n, repeat('x', 60), 'Customer ' || n from generate_series(1, ${largeRows}) n`)
  const large = await compare(client, largeRows, rounds)
  return [
    none.time('verify of no rows', 'ms'),
    ...figuresOf(small, ''),
    ...figuresOf(large, `${largeRows.toLocaleString('en')} rows: `),
  ]
}

const pass = (client: pg.Client): Promise<unknown> => verify({ migration: FULL_NAME, client, who: 'bench' })

type Contender = 'verify' | 'count(new)'

async function compare(client: pg.Client, rows: number, rounds: number): Promise<Rounds<Contender>> {
  await client.query('vacuum (freeze, analyze) items')
  const all = new Rounds<Contender>()
  const count = (): Promise<unknown> => client.query('select count(full_name) from items')
  for (let round = -2; round < rounds; round++) {
    const counted = perEach(await measure(client, count), rows)
    const verified = perEach(await measure(client, () => pass(client)), rows)
    if (round >= 0) all.add({ verify: verified, 'count(new)': counted })
  }
  return all
}

const figuresOf = (all: Rounds<Contender>, size: string): readonly StageFigure[] =>
  [
    all.time('count(new)', 'us/row'),
    all.time('verify', 'us/row'),
    all.cost('verify', 'count(new)', { atMost: 1.15 }),
  ].map((figure) => ({ ...figure, name: `${size}${figure.name}` }))
