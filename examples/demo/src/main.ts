// Directs the demo: servers, two application processes, the stages one after the other, and the report.
import { Client } from 'pg'
import { Fleet } from './fleet.ts'
import { LAST_STAGES } from './last-stages.ts'
import { lostRows } from './lost-rows.ts'
import { operator } from './operator.ts'
import { Progress } from './progress.ts'
import { isClean, printReport, summarise } from './report.ts'
import { rollbackMs } from './rollback-ms.ts'
import { rollout } from './rollout.ts'
import { type AtEnd, scratchFolder, startFlagServer, startPostgres } from './servers.ts'
import { CUSTOMERS, createShop, ORDERS } from './shop.ts'
import { runStage, type StageResult } from './show.ts'
import { STAGES } from './stages.ts'

const progress = new Progress()
const endings: (() => Promise<unknown>)[] = []
let ending = false
const atEnd: AtEnd = (step) => {
  if (ending) throw new Error('The demo is ending; nothing more is started.')
  endings.unshift(step)
}

async function run(): Promise<boolean> {
  progress.step(`Node ${process.version}. Starting PostgreSQL ...`)
  const postgres = await startPostgres(atEnd)
  progress.step(
    `PostgreSQL ${postgres.version}. Starting Unleash, filling ${CUSTOMERS} customers and ${ORDERS} orders ...`,
  )
  const db = new Client({ connectionString: postgres.url('shop'), application_name: 'operator' })
  atEnd(() => db.end())
  await db.connect()
  const [unleash] = await Promise.all([startFlagServer(postgres, atEnd), createShop(db)])
  progress.step(`Unleash at ${unleash.url}.`)
  progress.step(
    'From here on: what an operator does. `$` is a command, `|` its screen; the other lines tell each second of the traffic.',
  )
  const flags = rollout(unleash)
  await flags.createFlags()

  const fleet = new Fleet({
    databaseUrl: postgres.url('shop'),
    unleashUrl: unleash.url,
    unleashToken: unleash.clientToken,
  })
  atEnd(() => fleet.stop())
  const commands = operator(postgres.url('shop'), await scratchFolder(atEnd), progress, atEnd)
  const show = { db, fleet, rollout: flags, progress, operator: commands }
  const results: StageResult[] = []
  for (const stage of [...STAGES, ...LAST_STAGES]) results.push(await runStage(show, stage))
  const { figures: last, ledger } = await fleet.stop()

  const end = { last, rowsLost: await lostRows(db, ledger), rollbackMs: await rollbackMs(db) }
  printReport(results, end)
  const summary = summarise(results, end)
  console.log(JSON.stringify(summary))
  return isClean(summary)
}

const interrupted = new Promise<string>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(signal))
})

try {
  const outcome = await Promise.race([run(), interrupted])
  if (typeof outcome === 'string') console.error(`\n${outcome}: stopping the servers and removing their data.`)
  process.exitCode = outcome === true ? 0 : 1
} catch (error) {
  console.error(error)
  process.exitCode = 1
} finally {
  ending = true
  for (const step of endings) await step().catch(() => undefined)
  process.exit()
}
