import { fixedFlags, fixedPhases, type Migration, type Phase, type Runtime } from '@expand-contract/core'
import { MigratingDataSource } from '@expand-contract/typeorm'
import pg from 'pg'
import { DataSource } from 'typeorm'
import { createDatabase, type TestDatabase } from '../support/postgres.ts'
import type { PostgresMajor } from '../support/postgres-server.ts'
import { SentStatements } from './sent-statements.ts'
import { shopEntities } from './shop/entities.ts'
import { type AppSide, FIELDS } from './shop/fields.ts'
import {
  addNewColumns,
  dataSourceOptions,
  declaredBy,
  dropOldColumns,
  freeOldColumns,
  schemaScript,
} from './shop-schema.ts'
import type { Shop } from './steps/step.ts'

/** The columns that exist, the phase that is recorded, and what every flag says. */
export interface Circumstances {
  readonly app: AppSide
  readonly columns: 'old' | 'both' | 'new'
  /** undefined: the columns decide. */
  readonly phase?: Phase
  readonly flag: boolean
}

export const describeCircumstances = ({ app, columns, phase, flag }: Circumstances): string =>
  `entities of the ${app} side, ${columns === 'both' ? 'both columns' : `the ${columns} column alone`}, ${phase ?? 'no phase'}, flags ${flag ? 'on' : 'off'}`

/** A shop with its database: everything of it migrates, or, as the twin, nothing. */
export interface ShopDatabase extends Shop {
  readonly sent: SentStatements
  /** Not instrumented. */
  readonly bare: pg.Client
  readonly runtime: Runtime | undefined
  readonly migrations: readonly Migration[]
  close(): Promise<void>
}

export async function openTwin(major: PostgresMajor, app: AppSide): Promise<ShopDatabase> {
  const entities = shopEntities({ app, migrating: false })
  const database = await createDatabase(major, { sql: await schemaScript(major, app) })
  const sent = new SentStatements()
  const source = new DataSource({ ...dataSourceOptions(database, entities), logger: sent })
  return open({ source, database, entities, sent, app })
}

export async function openSubject(
  major: PostgresMajor,
  { app, columns, phase, flag }: Circumstances,
): Promise<ShopDatabase> {
  const database = await createDatabase(major, { sql: await schemaScript(major, 'old') })
  const entities = shopEntities({ app, migrating: true })
  const migrations = columns === 'old' ? await declaredBy(database, entities) : await addNewColumns(database, entities)
  if (columns === 'new') await dropOldColumns(database, migrations)
  if (phase === 'contract') await freeOldColumns(database, migrations)
  const sent = new SentStatements()
  const flags = fixedFlags(Object.fromEntries(migrations.flatMap((each) => (each.flag ? [[each.flag, flag]] : []))))
  const source = new MigratingDataSource(
    { ...dataSourceOptions(database, entities), logger: sent },
    {
      flags,
      ...(phase && { phases: fixedPhases(Object.fromEntries(migrations.map(({ id }) => [id, phase]))) }),
    },
  )
  return open({ source, database, entities, sent, app })
}

interface Opened extends Pick<ShopDatabase, 'entities' | 'sent' | 'app'> {
  readonly source: DataSource
  readonly database: TestDatabase
}

async function open({ database, ...shop }: Opened): Promise<ShopDatabase> {
  const { source, app } = shop
  await source.initialize()
  const bare = new pg.Client({ connectionString: database.url })
  await bare.connect()
  const runtime = source instanceof MigratingDataSource ? source.runtime : undefined
  return {
    ...shop,
    bare,
    runtime,
    migrations: runtime?.migrations ?? [],
    column: (field) => `"${FIELDS[field][app].name}"`,
    async close() {
      await bare.end()
      await source.destroy()
      await database.drop()
    },
  }
}
