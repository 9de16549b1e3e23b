import { fixedPhases } from '@expand-contract/core'
import { MigratingDataSource } from '@expand-contract/typeorm'
import { Customer, Order, OrderLine } from './entities.ts'
import { flags } from './flags.ts'

/** While both columns exist the old one is read; `open` is for the deploy after the backfill was verified. */
const phases = fixedPhases({ 'customers.full_name': process.env.READ_SWITCH === 'open' ? 'switch' : 'expand' })

/** Of the service and of the TypeORM CLI. */
export const dataSource = new MigratingDataSource(
  {
    type: 'postgres',
    url: process.env.DATABASE_URL ?? 'postgres://localhost/shop',
    entities: [Customer, Order, OrderLine],
    migrations: [`${import.meta.dirname}/migrations/*.ts`],
  },
  { ...(flags && { flags }), phases },
)
