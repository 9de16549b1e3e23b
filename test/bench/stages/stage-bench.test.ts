import { afterAll, beforeAll, expect, it } from 'vitest'
import type { PostgresServer } from '../../support/postgres-server.ts'
import { startPostgres } from '../../support/start-postgres.ts'
import { benchStages, stageGroups } from './stage-bench.ts'
import { stageTable } from './stage-report.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ major: 18 })
})

afterAll(() => server.stop())

it('every comparison has a figure and what it has to be, on a table that says nothing of speed', async () => {
  const groups = stageGroups(undefined)
  const sizes = { rows: 2_000, largeRows: 4_000, rounds: 1, shortRounds: 1, idleMs: 300 }
  const results = await benchStages(server, groups, sizes)
  expect(results.map(({ group }) => group)).toEqual(groups)
  const figures = results.flatMap((result) => result.figures)
  for (const { name, value } of figures) expect([name, Number.isFinite(value.median)]).toEqual([name, true])
  expect(figures.flatMap(({ name, limit }) => (limit === undefined ? [] : [name]))).toEqual([
    'profile fast, times the rows/s of one UPDATE',
    'profile gentle, times the rows/s of one UPDATE',
    'profile fast, times the rows/s of keyset batches of 1,000',
    'the table after profile fast, times before',
    'the table after profile gentle, times before',
    'p95 beside gentle, times before',
    'verify, times count(new)',
    '4,000 rows: verify, times count(new)',
    'with the trigger, above without',
  ])
  expect(stageTable(results)).toContain('>= 0.95 x ')
})

it('a part of a name chooses', () => {
  expect(stageGroups('verify')).toEqual(['stages: verify'])
  expect(stageGroups('TypeORM')).toEqual([])
})
