import { type BackfillProfile, backfill } from '@expand-contract/runner'
import type pg from 'pg'
import { spreadOf } from '../spread.ts'
import { measure, perEach, Rounds, type Sample, type StageFigure } from './measure.ts'
import { FULL_NAME, type StageCopy, type StageDatabase } from './stage-database.ts'

export const fill = (client: pg.Client, profile: BackfillProfile): Promise<unknown> =>
  backfill({
    migration: FULL_NAME,
    client,
    worker: 'bench',
    profile,
    ddl: async (text) => void (await client.query(text)),
  })

/** What is written by hand where there is no such tool, a commit each. */
async function keyset(client: pg.Client): Promise<void> {
  const sql = `
    with batch as (select id from items where id > $1 order by id limit 1000),
      filled as (update items set full_name = name from batch where items.id = batch.id returning items.id)
    select max(id) as last from filled`
  for (let last: number | null = 0; last !== null; ) {
    const { rows }: { readonly rows: readonly { readonly last: number | null }[] } = await client.query(sql, [last])
    last = rows[0]?.last ?? null
  }
}

const CONTENDERS = {
  'one UPDATE': (client) => client.query('update items set full_name = name'),
  'profile fast': (client) => fill(client, 'fast'),
  'profile gentle': (client) => fill(client, 'gentle'),
  'keyset batches of 1,000': keyset,
} as const satisfies Readonly<Record<string, (client: pg.Client) => Promise<unknown>>>

type Contender = keyof typeof CONTENDERS

/** The same table filled in four ways, each on a copy of its own, and how large it is afterwards. */
export async function benchBackfill(database: StageDatabase, rounds: number): Promise<readonly StageFigure[]> {
  const all = new Rounds<Contender>()
  const growth: Record<string, number[]> = {}
  const order = Object.keys(CONTENDERS) as Contender[]
  for (let round = 0; round < rounds; round++) {
    const samples = {} as Record<Contender, Sample>
    for (const name of order) {
      await using copy = await database.copy()
      const before = await sizeOf(copy)
      const took = await measure(copy.client, () => CONTENDERS[name](copy.client))
      await expectFilled(copy, name)
      samples[name] = perEach(took, database.rows)
      growth[name] = [...(growth[name] ?? []), (await sizeOf(copy)) / before]
    }
    all.add(samples)
    order.reverse()
  }
  const names = Object.keys(CONTENDERS) as Contender[]
  return [
    ...names.map((name) => all.time(name, 'us/row')),
    all.speed('profile fast', 'one UPDATE', { atLeast: 0.95 }),
    all.speed('profile gentle', 'one UPDATE', { atLeast: 0.8 }),
    all.speed('profile fast', 'keyset batches of 1,000', { atLeast: 1.3 }),
    all.speed('profile gentle', 'keyset batches of 1,000'),
    ...names.map(
      (name): StageFigure => ({
        ...{ name: `the table after ${name}, times before`, unit: 'x', value: spreadOf(growth[name] ?? []) },
        ...(name.startsWith('profile') && { limit: { atMost: 1.25 } }),
      }),
    ),
  ]
}

async function sizeOf({ client }: StageCopy): Promise<number> {
  const { rows } = await client.query<{ bytes: string }>("select pg_table_size('items') as bytes")
  return Number(rows[0]?.bytes)
}

async function expectFilled({ client }: StageCopy, name: string): Promise<void> {
  const { rowCount } = await client.query('select from items where full_name is distinct from name limit 1')
  if (rowCount !== 0) throw new Error(`${name} has left rows that are not filled.`)
}
