import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { StageName } from '@expand-contract/runner'
import { spreadOf } from '../spread.ts'
import { fill } from './backfill-bench.ts'
import type { StageFigure } from './measure.ts'
import type { StageDatabase } from './stage-database.ts'
import { runStep, runSwitch } from './stage-steps.ts'

const SCRIPT = fileURLToPath(new URL('workload-process.ts', import.meta.url))

/** In this order, so that each begins where it may. */
const STEPS: readonly (readonly [name: string, stage: StageName])[] = [
  ['contract', 'contract'],
  ['rollback from contract', 'rollback'],
  ['contract again', 'contract'],
  ['hold', 'hold'],
  ['unhold', 'unhold'],
  ['hold again', 'hold'],
  ['drop', 'drop'],
]

/** How long the steps of the last stage take while an application reads and writes the table, until they are done: what they wait for a lock included. */
export async function benchLastStages(database: StageDatabase, rounds: number): Promise<readonly StageFigure[]> {
  const took: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round++) {
    await using copy = await database.copy()
    const { client } = copy
    await fill(client, 'fast')
    await client.query('vacuum (freeze, analyze) items')
    await runSwitch(client)
    const child = fork(SCRIPT, [copy.url, String(database.rows), 'id'])
    try {
      await busy(child)
      for (const [name, stage] of STEPS) {
        const started = performance.now()
        await runStep(client, stage)
        took[name] = [...(took[name] ?? []), performance.now() - started]
      }
      child.send('stop')
      await once(child, 'exit')
    } finally {
      child.kill()
    }
  }
  return STEPS.map(([name]) => ({ name: `${name}, under load`, unit: 'ms', value: spreadOf(took[name] ?? []) }))
}

/** Until it has sent statements. */
async function busy(child: ChildProcess): Promise<void> {
  const answer = once(child, 'message')
  child.send('p95')
  await Promise.race([
    answer,
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the workload has ended with ${code}`))),
  ])
}
