// Loaded by --import into a command that is to be killed: EC_FAILPOINT says at which persisted step. Tells its parent of each, by number.
import { watchPersistedSteps } from './persisted-steps.ts'

export interface Failpoint {
  /** From 1; 0: at none. */
  readonly at: number
  readonly when: 'before' | 'after'
  /** `pause` waits until the parent says so. */
  readonly act: 'kill' | 'pause'
}

export interface PointReached {
  readonly point: number
  readonly when: Failpoint['when']
  readonly text: string
}

const failpoint = JSON.parse(process.env.EC_FAILPOINT ?? '{"at":0}') as Failpoint
let point = 0

watchPersistedSteps(async ({ when, text }) => {
  if (when === 'before') point++
  process.send?.({ point, when, text: text.replaceAll(/\s+/gu, ' ').slice(0, 100) } satisfies PointReached)
  if (failpoint.at !== point || failpoint.when !== when) return
  if (failpoint.act === 'kill') process.kill(process.pid, 'SIGKILL')
  await new Promise<void>((resolve) => {
    process.once('message', () => {
      process.channel?.unref()
      resolve()
    })
  })
})
