// pnpm bench [--quick] [--only <part of a name>] [--starts <how often every variant gets a fresh process>] [--any-core]
//   [--before <folder of another checkout, installed>]
//
// With --before each variant `through` runs a second time, in turns with the others, as `through, before`: with the packages of the
// other checkout (its sources, and what its tests have installed) and the bench's own files of this one. A line compares now with
// before, round by round. A comparison that cannot run there says why, and goes without it.
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { queryServer, runScript } from '../support/query-server.ts'
import { startPostgres } from '../support/start-postgres.ts'
import { circumstances } from './circumstances.ts'
import { interleave } from './interleave.ts'
import { memoryAfter } from './memory.ts'
import { keepToOneProcessor } from './one-processor.ts'
import { resultTable } from './report.ts'
import type { Result, Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'
import { benchStages, SIZES, type StageResult, stageGroups } from './stages/stage-bench.ts'
import { stageTable } from './stages/stage-report.ts'
import { SCHEMA } from './subjects.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    starts: { type: 'string', default: '10' },
    'any-core': { type: 'boolean' },
    before: { type: 'string' },
  },
})
const other = options.before === undefined ? {} : { before: await checkoutAt(resolve(options.before)) }
const { starts, rounds, turns, warmUp } = options.quick
  ? { starts: 2, rounds: 3, turns: 40, warmUp: 200 }
  : { starts: Number(options.starts), rounds: 4, turns: 400, warmUp: 25_000 }
if (!(Number.isInteger(starts) && starts > 0)) throw new Error(`--starts is ${options.starts}. It can be 1, 2, 3, ...`)
const chosen = scenarios.filter(
  ({ group, name }) => options.only === undefined || `${group}: ${name}`.includes(options.only),
)

const stages = await measureStages()
const on = options['any-core'] !== true && keepToOneProcessor() ? 'one core' : 'any core'
const server = await startPostgres({ major: 18, durable: true })
const database = `ec_bench_${process.pid}`
const around = circumstances(server, on)
console.log(around)
console.log(
  `${chosen.length} comparisons of ${starts} starts of ${rounds} rounds of ${turns} turns after ${warmUp} to warm up; medians per round, then over rounds.\n`,
)
try {
  await queryServer(server.url(), `create database ${database}`)
  await runScript(server.url(database), SCHEMA)
  await queryServer(server.url(database), 'vacuum analyze')
  const results: Result[] = []
  for (const scenario of chosen) {
    const result = await measure(scenario)
    results.push(result)
    // A long run that is stopped has said what it has seen.
    process.stderr.write(`${resultTable([result])}\n`)
  }
  if (results.length > 0) console.log(resultTable(results))
  if (options.only === undefined || 'cold path: memory'.includes(options.only))
    console.log(`\n${await memoryAfter(options.quick ? 20_000 : 100_000, server.url(database), other.before)}`)
  console.log(JSON.stringify({ circumstances: around, starts, rounds, turns, warmUp, results, stages }))
} catch (error) {
  // Before the database goes, of which the other connections complain.
  console.error(error)
  process.exitCode = 1
} finally {
  await queryServer(server.url(), `drop database if exists ${database} with (force)`)
  await server.stop()
}

async function measure(scenario: Scenario): Promise<Result> {
  const { group, name, target, prepare } = scenario
  if (prepare !== undefined) await queryServer(server.url(database), prepare)
  const interleaved = await interleave(scenario, {
    url: server.url(database),
    scenario: scenarios.indexOf(scenario),
    starts,
    rounds,
    turns: Math.min(scenario.turns ?? turns, turns),
    warmUp: Math.min(scenario.warmUp ?? warmUp, warmUp),
    ...other,
  })
  return { group, name, target, ...interleaved }
}

/** On a server of its own, and on any core: what they are about is what happens beside the application. */
async function measureStages(): Promise<readonly StageResult[]> {
  const groups = stageGroups(options.only)
  if (groups.length === 0) return []
  const sizes = SIZES[options.quick ? 'quick' : 'whole']
  const own = await startPostgres({ major: 18, durable: true })
  try {
    console.log(circumstances(own, 'any core'))
    console.log(
      `Stages on a table of ${sizes.rows} rows, ${sizes.rounds} rounds, ${sizes.shortRounds} of the short ones.`,
    )
    const measured = await benchStages(own, groups, sizes)
    console.log(`${stageTable(measured)}\n`)
    return measured
  } finally {
    await own.stop()
  }
}

async function checkoutAt(folder: string): Promise<string> {
  await access(join(folder, 'test/node_modules')).catch(() => {
    throw new Error(`--before is ${folder}. It can be a checkout of this project, with what it needs installed.`)
  })
  return folder
}
