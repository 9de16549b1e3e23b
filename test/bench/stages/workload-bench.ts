import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { BackfillProfile } from '@expand-contract/runner'
import { spreadOf } from '../spread.ts'
import { fill } from './backfill-bench.ts'
import type { StageFigure } from './measure.ts'
import type { StageDatabase } from './stage-database.ts'

const SCRIPT = fileURLToPath(new URL('workload-process.ts', import.meta.url))

interface Beside {
  readonly idle: number
  readonly during: number
}

/** What the p95 of an application's statements becomes while a backfill runs beside it, against just before. */
export async function benchWorkload(
  database: StageDatabase,
  rounds: number,
  idleMs: number,
): Promise<readonly StageFigure[]> {
  const profiles = ['gentle', 'fast'] as const
  const all: Record<BackfillProfile, Beside[]> = { gentle: [], fast: [] }
  for (let round = 0; round < rounds; round++)
    for (const profile of profiles) all[profile].push(await beside(database, profile, idleMs))
  return profiles.flatMap((profile): readonly StageFigure[] => [
    { name: `p95 before ${profile}`, unit: 'ms', value: spreadOf(all[profile].map(({ idle }) => idle)) },
    { name: `p95 beside ${profile}`, unit: 'ms', value: spreadOf(all[profile].map(({ during }) => during)) },
    {
      ...{ name: `p95 beside ${profile}, times before`, unit: 'x' },
      value: spreadOf(all[profile].map(({ idle, during }) => during / idle)),
      ...(profile === 'gentle' && { limit: { atMost: 1.35 } }),
    },
  ])
}

async function beside(database: StageDatabase, profile: BackfillProfile, idleMs: number): Promise<Beside> {
  await using copy = await database.copy()
  const child = fork(SCRIPT, [copy.url, String(database.rows)])
  try {
    await sleep(Math.min(1_000, idleMs))
    await p95(child)
    await sleep(idleMs)
    const idle = await p95(child)
    await fill(copy.client, profile)
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
