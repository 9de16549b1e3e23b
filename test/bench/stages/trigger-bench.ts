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

/** PostgreSQL locks the row for a trigger, and reads its WHEN anew for each statement, whatever stands in it. */
const IDLE_TRIGGER = `create table idle_trigger (like untouched including all) with (autovacuum_enabled = off);
  insert into idle_trigger select * from untouched;
  create trigger idle before insert or update on idle_trigger for each row when (new.id is null)
    execute function suppress_redundant_updates_trigger()`

const TABLES = { 'with the trigger': 'items', without: 'untouched', 'with a trigger that never fires': 'idle_trigger' }

type Contender = keyof typeof TABLES

/**
 * A committed update of both columns of one row, as the application sends it: with the sync trigger, which finds the row in step, without, and
 * with one that says nothing, which is the least that a trigger can cost.
 */
export async function benchTrigger(database: StageDatabase, rounds: number): Promise<readonly StageFigure[]> {
  await using copy = await database.copy()
  const { client } = copy
  await fill(client, 'fast')
  await client.query(IDLE_TRIGGER)
  await client.query('vacuum (freeze, analyze)')
  const keys = Math.min(database.rows, 20_000)
  let turn = 0
  const block = (table: string) => async (): Promise<void> => {
    for (let each = 0; each < BLOCK; each++) {
      const id = 1 + ((++turn * 7_919) % keys)
      await client.query(`update ${table} set name = $2, full_name = $2 where id = $1`, [id, `Customer ${turn}`])
    }
  }
  const all = new Rounds<Contender>()
  const order = Object.keys(TABLES) as Contender[]
  for (let round = -4; round < rounds; round++) {
    const sums: Partial<Record<Contender, Took>> = {}
    for (let nth = 0; nth < BLOCKS; nth++) {
      for (const name of order) sums[name] = plus(sums[name], await measure(client, block(TABLES[name])))
      order.reverse()
    }
    const of = (name: Contender) => perEach(sums[name] ?? NOTHING, BLOCKS * BLOCK)
    if (round >= 0)
      all.add({
        ...{ 'with the trigger': of('with the trigger'), without: of('without') },
        'with a trigger that never fires': of('with a trigger that never fires'),
      })
  }
  return [
    all.time('without', 'us/transaction'),
    all.time('with the trigger', 'us/transaction'),
    all.percent('with the trigger', 'without', { atMost: 1 }),
    all.percent('with a trigger that never fires', 'without'),
    all.percent('with the trigger', 'with a trigger that never fires'),
  ]
}
