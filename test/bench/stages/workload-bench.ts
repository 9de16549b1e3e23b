import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { spreadOf } from '../spread.ts'
import { fill } from './backfill-bench.ts'
import type { StageFigure } from './measure.ts'
import type { StageDatabase } from './stage-database.ts'

const SCRIPT = fileURLToPath(new URL('workload-process.ts', import.meta.url))

interface Beside {
  readonly idle: number
  readonly during: number
}

const BESIDE = {
  gentle: (client) => fill(client, 'gentle'),
  fast: (client) => fill(client, 'fast'),
  'one UPDATE': (client) => client.query('update items set full_name = name'),
  // What is left of two processors when one is taken, and nothing else happens.
  'a busy processor': (client) =>
    client.query(`do $$ declare ends timestamptz := clock_timestamp() + interval '1.4 s';
      begin while clock_timestamp() < ends loop null; end loop; end $$`),
} as const satisfies Readonly<Record<string, (client: pg.Client) => Promise<unknown>>>

type Neighbour = keyof typeof BESIDE

/** What the p95 of an application's statements becomes while a backfill runs beside it, against just before. */
export async function benchWorkload(
  database: StageDatabase,
  rounds: number,
  idleMs: number,
): Promise<readonly StageFigure[]> {
  const names = Object.keys(BESIDE) as Neighbour[]
  const all: Partial<Record<Neighbour, Beside[]>> = {}
  for (let round = 0; round < rounds; round++)
    for (const name of names) all[name] = [...(all[name] ?? []), await beside(database, name, idleMs)]
  return names.flatMap((name): readonly StageFigure[] => {
    const spread = (of: (each: Beside) => number) => spreadOf((all[name] ?? []).map(of))
    return [
      { name: `p95 before ${name}`, unit: 'ms', value: spread(({ idle }) => idle) },
      { name: `p95 beside ${name}`, unit: 'ms', value: spread(({ during }) => during) },
      {
        ...{ name: `p95 beside ${name}, times before`, unit: 'x' },
        value: spread(({ idle, during }) => during / idle),
        ...(name === 'gentle' && { limit: { atMost: 1.35 } }),
      },
    ]
  })
}

async function beside(database: StageDatabase, name: Neighbour, idleMs: number): Promise<Beside> {
  await using copy = await database.copy()
  const child = fork(SCRIPT, [copy.url, String(database.rows)])
  try {
    await sleep(Math.min(1_000, idleMs))
    await p95(child)
    await sleep(idleMs)
    const idle = await p95(child)
    await BESIDE[name](copy.client)
    const during = await p95(child)
    child.send('stop')
    await once(child, 'exit')
    return { idle, during }
  } finally {
    child.kill()
  }
}

async function p95(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message')
  child.send('p95')
  const [told] = (await Promise.race([
    answer,
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the workload has ended with ${code}`))),
  ])) as [{ readonly p95: number }]
  return told.p95
}
