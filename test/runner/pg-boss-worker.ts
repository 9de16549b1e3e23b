import { randomUUID } from 'node:crypto'
import { openControl, readMigration } from '@expand-contract/control'
import type { Migration } from '@expand-contract/core'
import * as runner from '@expand-contract/runner'
import type pg from 'pg'
import type { PgBoss } from 'pg-boss'

/** `switch` as a step: its gates, then its plan. A gate that is not met fails the job, and the engine tries it again. */
const switchStep = runner.actionsStep('switch', async (client, migration, options) => {
  const control = openControl(client, { schema: options.controlSchema })
  const record = await readMigration(control, migration.id)
  if (record?.phase === 'switch') return
  const gates = await runner.readSwitchGates({ control, client, migration })
  const closed = gates.filter(({ ok }) => !ok).map(({ id, detail }) => `${id}: ${detail}`)
  if (closed.length > 0) throw new Error(`${migration.id} stays in expand; ${closed.join('; ')}`)
  const actions = runner.switchReads.plan(migration, await runner.readFacts(client, migration, options), {})
  const handlers = {
    ...runner.controlHandlers({ ...options, migration, record }),
    wait: runner.fleetWaits(control, { migration, waitMs: 60_000 }),
  }
  await runner.executeActions(client, actions, { ...options, operation: 'switch', handlers })
})

const STEPS = { ...runner.STEPS, switch: switchStep }
const ORDER = ['expand', 'backfill', 'parity', 'verify', 'switch'] as const
type Operation = (typeof ORDER)[number]

/** What the queue carries. A job that is delivered again has the token that it had, so what it did already is done once. */
interface StepJob {
  readonly migration: string
  readonly operation: Operation
  readonly tokens: Readonly<Record<Operation, string>>
}

const QUEUE = 'expand-contract'

/** A worker that was killed gives its job back when that expires; a step takes its budget, and a batch. */
export async function startMigration(boss: PgBoss, migration: string, expireInSeconds = 60): Promise<void> {
  await boss.createQueue(QUEUE, { retryLimit: 1_000, retryDelay: 1, expireInSeconds })
  const tokens = Object.fromEntries(ORDER.map((operation) => [operation, randomUUID()])) as StepJob['tokens']
  await boss.send(QUEUE, { migration, operation: ORDER[0], tokens } satisfies StepJob)
}

/** One job is one step; behind it the same operation comes again, or the next one. As many processes as there are may run this. */
export async function workOn(
  boss: PgBoss,
  pool: pg.Pool,
  { migrations, budgetMs = 5_000 }: { readonly migrations: readonly Migration[]; readonly budgetMs?: number },
): Promise<void> {
  await boss.work<StepJob>(QUEUE, { pollingIntervalSeconds: 0.5 }, async ([job]) => {
    const migration = migrations.find(({ id }) => id === job?.data.migration)
    if (job === undefined || migration === undefined)
      throw new Error(`No migration ${job?.data.migration} is declared here.`)
    const { operation, tokens } = job.data
    const client = await pool.connect()
    try {
      const database = { client, operator: { who: `worker-${process.pid}` }, signal: job.signal }
      const step = STEPS[operation]
      const { done, retryAfterMs } = await step({ migration, database, leaseToken: tokens[operation], budgetMs })
      const next = done ? ORDER[ORDER.indexOf(operation) + 1] : operation
      if (next === undefined) return
      const startAfter = new Date(Date.now() + retryAfterMs)
      await boss.send(QUEUE, { ...job.data, operation: next } satisfies StepJob, { startAfter })
    } finally {
      client.release()
    }
  })
}
