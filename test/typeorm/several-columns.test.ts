import { fixedFlags, fixedPhases, type Phase } from '@expand-contract/core'
import { MigratingColumn, MigratingDataSource } from '@expand-contract/typeorm'
import pg from 'pg'
import { DataSource } from 'typeorm'
import { beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, newestMajor } from '../support/postgres.ts'
import { COLUMNS_SHAPES, type ColumnsShape } from './columns-shapes.ts'
import { comparable } from './comparable.ts'
import { SentStatements } from './sent-statements.ts'

const none = (): PropertyDecorator => () => undefined

interface Circumstances {
  readonly columns: 'old' | 'both' | 'new'
  readonly phase?: Phase
  readonly flag: boolean
}

const CIRCUMSTANCES: readonly Circumstances[] = [
  { columns: 'old', flag: true },
  { columns: 'both', flag: true },
  { columns: 'both', phase: 'switch', flag: false },
  { columns: 'both', phase: 'switch', flag: true },
  { columns: 'both', phase: 'contract', flag: false },
  { columns: 'new', flag: false },
]

const databaseWith = ({ old, new: added }: ColumnsShape['columns'], columns: Circumstances['columns']) => {
  const both = `${old}, ${added}`
  const there = { old, both, new: both }[columns]
  const dropped = columns === 'new' ? old.split(', ').map((column) => `drop ${column.split(' ')[0]}`) : []
  const drop = dropped.length === 0 ? '' : `alter table rows ${dropped.join(', ')}`
  return createDatabase(newestMajor(), { sql: `create table rows (id serial primary key, ${there}, age int); ${drop}` })
}

/** What each step gives, and what TypeORM sent for it. */
async function runSteps({ steps, columns, app, inStep, entity }: ColumnsShape, circumstances?: Circumstances) {
  const database = await databaseWith(columns, circumstances?.columns ?? app)
  const Rows = entity(circumstances === undefined ? none : MigratingColumn)
  const logger = new SentStatements()
  const options = { type: 'postgres' as const, url: database.url, entities: [Rows], logger }
  const { phase, flag = false } = circumstances ?? {}
  const source =
    circumstances === undefined
      ? new DataSource(options)
      : new MigratingDataSource(options, {
          flags: fixedFlags({ flag }),
          ...(phase && { phases: fixedPhases({ migration: phase }) }),
        })
  await source.initialize()
  const bare = new pg.Client({ connectionString: database.url })
  await bare.connect()
  const isInStep = circumstances?.columns === 'both' && phase !== 'contract' ? inStep : 'true'
  const outOfStep: unknown[] = []
  try {
    const seen: unknown[] = []
    for (const [index, step] of steps.entries()) {
      logger.take()
      const result = await step(source, Rows).catch((error: unknown) => error)
      seen.push([index, comparable(result), comparable(logger.take())])
      const { rows } = await bare.query(`select ${index} as after, * from rows where not (${isInStep})`)
      outOfStep.push(...rows)
    }
    return { seen, outOfStep }
  } finally {
    await bare.end()
    await source.destroy()
    await database.drop()
  }
}

describe.each(Object.entries(COLUMNS_SHAPES))('%s', (_, shape) => {
  let twin: Awaited<ReturnType<typeof runSteps>>

  beforeAll(async () => {
    twin = await runSteps(shape)
  })

  it('does what it says in the twin', () => {
    expect(JSON.stringify(twin.seen)).not.toContain('<error>')
  })

  it.each(CIRCUMSTANCES.map((each) => [JSON.stringify(each), each] as const))('%s', async (__, circumstances) => {
    expect(await runSteps(shape, circumstances)).toEqual(twin)
  })

  it.each([
    ['old', shape.columns.new.split(', ')],
    ['both', []],
    ['new', []],
  ] as const)(
    'with the %s columns, migration:generate adds what is missing, and leaves alone what is there',
    async (columns, added) => {
      const database = await databaseWith(shape.columns, columns)
      const entities = [shape.entity(MigratingColumn)]
      const source = await new MigratingDataSource({ type: 'postgres', url: database.url, entities }).initialize()
      try {
        const { upQueries } = await source.driver.createSchemaBuilder().log()
        const sql = upQueries.map(({ query }) =>
          query.replaceAll(/double precision array/gu, 'float8[]').replaceAll('"', ''),
        )
        expect(sql).toEqual(added.map((column) => `ALTER TABLE rows ADD ${column}`))
      } finally {
        await source.destroy()
        await database.drop()
      }
    },
  )
})
