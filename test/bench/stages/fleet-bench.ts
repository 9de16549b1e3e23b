import { createRuntime, fixedFlags } from '@expand-contract/core'
import type { Plan } from '@expand-contract/sql'
import { StatementCounts } from '../../../packages/control/src/fleet/statement-counts.ts'
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
  // What the reporter looks at of one.
  const plan = { outcome: 'rewritten', command: 'SELECT', reads: { [FULL_NAME.id]: 'new' }, reasons: [], touches: [] }
  const plans = Array.from({ length: 20 }, () => ({ ...plan })) as unknown as readonly Plan[]
  const statement = { text: 'select 1', scope: undefined }
  const sendAll = (): number => {
    const before = process.cpuUsage()
    for (let turn = 0; turn < TURNS; turn += plans.length)
      for (const each of plans) report(each, statement as Parameters<typeof report>[1], undefined)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / TURNS
  }
  const [alone, counted]: readonly [number[], number[]] = [[], []]
  for (let round = -4; round < rounds; round++) {
    const without = sendAll()
    const counts = new StatementCounts(migrations, Date.now())
    const leave = runtime.observe({ onStatement: (event) => counts.sent(event) })
    const within = sendAll()
    leave()
    if (round < 0) continue
    alone.push(without)
    counted.push(within)
  }
  return [
    { name: 'a statement that nobody counts, in the client', unit: 'us', value: spreadOf(alone) },
    { name: 'one that the fleet counts', unit: 'us', value: spreadOf(counted) },
  ]
}
