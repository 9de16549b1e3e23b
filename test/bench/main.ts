// pnpm bench [--quick] [--only <part of a name>]
import { parseArgs } from 'node:util'
import { queryServer, runScript } from '../support/query-server.ts'
import { startPostgres } from '../support/start-postgres.ts'
import { circumstances } from './circumstances.ts'
import { interleave } from './interleave.ts'
import { resultTable } from './report.ts'
import type { Result, Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'
import { SCHEMA } from './subjects.ts'

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } })
const { rounds, turns } = options.quick ? { rounds: 5, turns: 40 } : { rounds: 40, turns: 400 }
const chosen = scenarios.filter(
  ({ group, name }) => options.only === undefined || `${group}: ${name}`.includes(options.only),
)

const server = await startPostgres({ major: 18, durable: true })
const database = `ec_bench_${process.pid}`
const around = circumstances(server)
console.log(around)
console.log(
  `${chosen.length} comparisons of ${rounds} rounds of ${turns} turns; medians per round, then over rounds.\n`,
)
try {
  await queryServer(server.url(), `create database ${database}`)
  await runScript(server.url(database), SCHEMA)
  await queryServer(server.url(database), 'vacuum analyze')
  const results: Result[] = []
  for (const scenario of chosen) {
    process.stderr.write(`${scenario.group}: ${scenario.name}\n`)
    results.push(await measure(scenario))
  }
  console.log(resultTable(results))
  console.log(JSON.stringify({ circumstances: around, rounds, turns, results }))
} finally {
  await queryServer(server.url(), `drop database if exists ${database} with (force)`)
  await server.stop()
}

async function measure(scenario: Scenario): Promise<Result> {
  const variants = await interleave({
    url: server.url(database),
    scenario: scenarios.indexOf(scenario),
    rounds,
    turns: Math.min(scenario.turns ?? turns, turns),
  })
  return { group: scenario.group, name: scenario.name, target: scenario.target, variants }
}
