// pnpm bench [--quick] [--only <part of a name>]
import { parseArgs } from 'node:util'
import { queryServer, runScript } from '../support/query-server.ts'
import { startPostgres } from '../support/start-postgres.ts'
import { circumstances } from './circumstances.ts'
import { coldPathScenarios } from './cold-path-scenarios.ts'
import { dualWriteScenarios } from './dual-write-scenarios.ts'
import { interleave } from './interleave.ts'
import { overheadScenarios } from './overhead-scenarios.ts'
import { resultTable } from './report.ts'
import type { Result, Scenario } from './scenario.ts'
import { connectSubjects, SCHEMA, type Subjects } from './subjects.ts'

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } })
const { rounds, turns } = options.quick ? { rounds: 5, turns: 40 } : { rounds: 40, turns: 400 }
const scenarios = [...overheadScenarios, ...dualWriteScenarios, ...coldPathScenarios].filter(
  ({ group, name }) => options.only === undefined || `${group}: ${name}`.includes(options.only),
)

const server = await startPostgres({ major: 18, durable: true })
const database = `ec_bench_${process.pid}`
const around = circumstances(server)
console.log(around)
console.log(
  `${scenarios.length} comparisons of ${rounds} rounds of ${turns} turns; medians per round, then over rounds.\n`,
)
try {
  await queryServer(server.url(), `create database ${database}`)
  await runScript(server.url(database), SCHEMA)
  await queryServer(server.url(database), 'vacuum analyze')
  const subjects = await connectSubjects(server.url(database))
  try {
    const results: Result[] = []
    for (const scenario of scenarios) {
      process.stderr.write(`${scenario.group}: ${scenario.name}\n`)
      results.push(await measure(scenario, subjects))
    }
    console.log(resultTable(results))
    console.log(JSON.stringify({ circumstances: around, rounds, turns, results }))
  } finally {
    await subjects.end()
  }
} finally {
  await queryServer(server.url(), `drop database if exists ${database} with (force)`)
  await server.stop()
}

async function measure(scenario: Scenario, subjects: Subjects): Promise<Result> {
  await scenario.prepare?.(subjects)
  const roundsAround = scenario.around?.(subjects)
  const variants = await interleave(scenario.variants(subjects), {
    rounds,
    turns: Math.min(scenario.turns ?? turns, turns),
    ...(roundsAround && { around: roundsAround }),
  })
  return { group: scenario.group, name: scenario.name, target: scenario.target, variants }
}
