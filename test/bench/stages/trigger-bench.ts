import { fill } from './backfill-bench.ts'
import { measure, perEach, Rounds, type StageFigure, type Took } from './measure.ts'
import type { StageDatabase } from './stage-database.ts'

/** Transactions in a row of one table, short against the drift of a machine. */
const BLOCK = 50
/** Of each table in a round. */
const BLOCKS = 4

const NOTHING: Took = { seconds: 0, cpuSeconds: 0 }

const plus = (one: Took = NOTHING, other: Took): Took => ({
  seconds: one.seconds + other.seconds,
  cpuSeconds: one.cpuSeconds + other.cpuSeconds,
})

/** A committed update of both columns of one row, as the application sends it: with the sync trigger, which finds the row in step, and without. */
export async function benchTrigger(database: StageDatabase, rounds: number): Promise<readonly StageFigure[]> {
  await using copy = await database.copy()
  const { client } = copy
  await fill(client, 'fast')
  await client.query('vacuum (freeze, analyze)')
  const keys = Math.min(database.rows, 20_000)
  let turn = 0
  const block = (table: string) => async (): Promise<void> => {
    for (let each = 0; each < BLOCK; each++) {
      const id = 1 + ((++turn * 7_919) % keys)
      await client.query(`update ${table} set name = $2, full_name = $2 where id = $1`, [id, `Customer ${turn}`])
    }
  }
  const all = new Rounds<'with the trigger' | 'without'>()
  const tables = ['items', 'untouched']
  for (let round = -4; round < rounds; round++) {
    const sums: Record<string, Took> = {}
    for (let nth = 0; nth < BLOCKS; nth++) {
      for (const table of tables) sums[table] = plus(sums[table], await measure(client, block(table)))
      tables.reverse()
    }
    const of = (table: string) => perEach(sums[table] ?? NOTHING, BLOCKS * BLOCK)
    if (round >= 0) all.add({ 'with the trigger': of('items'), without: of('untouched') })
  }
  return [
    all.time('without', 'us/transaction'),
    all.time('with the trigger', 'us/transaction'),
    all.percent('with the trigger', 'without', { atMost: 1 }),
  ]
}
