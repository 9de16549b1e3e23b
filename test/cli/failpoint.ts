// Loaded by --import into a command that is to be killed: EC_FAILPOINT says at which persisted step. Tells its parent of each, by number.
import { watchPersistedSteps } from './persisted-steps.ts'

export interface Failpoint {
  /** From 1; 0: at none. */
  readonly at: number
  /** Counts the steps alone whose text has this. @defaultValue all of them */
  readonly of?: string
  readonly when: 'before' | 'after'
  /** `pause` waits until the parent says so. */
  readonly act: 'kill' | 'pause'
}

export interface PointReached {
  readonly point: number
  readonly when: Failpoint['when']
  readonly text: string
  /** Whether it is the failpoint. */
  readonly here: boolean
}

const failpoint = JSON.parse(process.env.EC_FAILPOINT ?? '{"at":0}') as Failpoint
let [point, counted] = [0, 0]

watchPersistedSteps(async ({ when, text: whole }) => {
  const text = whole.replaceAll(/\s+/gu, ' ').slice(0, 100)
  const counts = failpoint.of === undefined || text.includes(failpoint.of)
  if (when === 'before') {
    point++
    if (counts) counted++
  }
  const here = counts && failpoint.at === counted && failpoint.when === when
  process.send?.({ point, when, text, here } satisfies PointReached)
  if (!here) return
  if (failpoint.act === 'kill') process.kill(process.pid, 'SIGKILL')
  await new Promise<void>((resolve) => {
    process.once('message', () => {
      process.channel?.unref()
      resolve()
    })
  })
})
