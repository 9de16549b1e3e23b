import { createRuntime, fixedFlags, type Observer } from '@expand-contract/core'
import type { Plan } from '@expand-contract/sql'
import { Latencies } from '../../../packages/control/src/fleet/latencies.ts'
import { StatementCounts } from '../../../packages/control/src/fleet/statement-counts.ts'
import { StatementTimer } from '../../../packages/session/src/engine/statement-timer.ts'
import type { SentStatement } from '../../../packages/session/src/error/error-names.ts'
import { planReporter } from '../../../packages/session/src/statement/statement-event.ts'
import { readSwitch } from '../../support/read-switch.ts'
import { spreadOf } from '../spread.ts'
import type { StageFigure } from './measure.ts'
import { FULL_NAME } from './stage-database.ts'

const TURNS = 200_000

/** What every statement on a migrating table pays for the fleet in its process, without a server: on a look-up of 50 us it is lost in the noise. */
export async function benchFleet(rounds: number): Promise<readonly StageFigure[]> {
  const migrations = [FULL_NAME]
  const runtime = await createRuntime({ migrations, flags: fixedFlags({}), phases: readSwitch(migrations) })
  const report = planReporter(runtime)
  const timer = new StatementTimer(runtime)
  // What the reporter and the timer look at of one.
  const plan = {
    ...{ outcome: 'rewritten', command: 'SELECT', reads: { [FULL_NAME.id]: 'new' }, reasons: [] },
    touches: [{ migration: FULL_NAME, physical: 'both' }],
  }
  const text = 'select name from users'
  const all = Array.from({ length: 20 }, () => {
    const own = { ...plan } as unknown as Plan
    return { plan: own, sent: { kind: 'planned', text, plan: own, wire: text } as unknown as SentStatement }
  })
  const statement = { text, scope: undefined }
  const sendAll = (observer: Observer): number => {
    const leave = runtime.observe(observer)
    const before = process.cpuUsage()
    for (let turn = 0; turn < TURNS; turn += all.length)
      for (const each of all) {
        report(each.plan, statement, undefined)
        timer.answered(each.sent, timer.now())
      }
    const { user, system } = process.cpuUsage(before)
    leave()
    return (user + system) / TURNS
  }
  const contenders: readonly (readonly [string, () => Observer])[] = [
    ['a statement that nobody counts, in the client', () => ({})],
    ['one that is counted', () => counted(new StatementCounts(migrations, Date.now()))],
    ['one that the fleet counts, and how long it takes', () => timed(migrations)],
  ]
  const taken = contenders.map((): number[] => [])
  for (let round = -4; round < rounds; round++)
    for (const [at, [, observer]] of contenders.entries()) {
      const each = sendAll(observer())
      if (round >= 0) taken[at]?.push(each)
    }
  return contenders.map(([name], at) => ({ name, unit: 'us', value: spreadOf(taken[at] ?? []) }))
}

const counted = (counts: StatementCounts): Observer => ({ onStatement: (event) => counts.sent(event) })

function timed(migrations: ConstructorParameters<typeof StatementCounts>[0]): Observer {
  const latencies = new Latencies(Date.now())
  return { ...counted(new StatementCounts(migrations, Date.now())), onAnswer: (event) => latencies.answered(event) }
}
