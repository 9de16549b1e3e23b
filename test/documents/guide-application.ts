import { databasePhases, joinFleet } from '@expand-contract/control'
import { createRuntime, renameColumn } from '@expand-contract/core'
import { instrumentedPool } from '@expand-contract/pg'

/** What the guide takes for granted: a process that reads and writes, declares the migration, and has joined the fleet. */
export interface GuideApplication {
  flag: boolean
  stop(): Promise<void>
}

export async function startGuideApplication(connectionString: string): Promise<GuideApplication> {
  const options = { table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'users-read-full-name' }
  const state = { flag: false }
  const runtime = await createRuntime({
    migrations: [renameColumn(options)],
    flags: { isEnabled: () => state.flag },
    phases: databasePhases(),
  })
  const pool = instrumentedPool(runtime, { connectionString, max: 2 })
  const member = joinFleet(runtime, pool, { application: 'web', version: '2026.47.1', instance: 'web-1', everyMs: 100 })
  const failures: unknown[] = []
  let running = true
  const work = async (): Promise<void> => {
    for (let nr = 1; running; nr++) {
      await pool.query('update users set name = $2 where id = $1', [1 + (nr % 500), `user ${nr}`])
      await pool.query('select id, name from users where id = $1', [1 + (nr % 500)])
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const ended = work().catch((error: unknown) => failures.push(error))
  return Object.assign(state, {
    async stop() {
      running = false
      await ended
      await member.leave()
      await pool.end()
      await runtime.close()
      if (failures.length > 0) throw new AggregateError(failures, 'the application of the guide failed')
    },
  })
}
