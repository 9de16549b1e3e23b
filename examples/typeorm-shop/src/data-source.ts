import { MigratingDataSource } from '@expand-contract/typeorm'
import { Customer, Order, OrderLine } from './entities.ts'
import { flags } from './flags.ts'

/** Of the service and of the TypeORM CLI. */
export const dataSource = new MigratingDataSource(
  {
    type: 'postgres',
    url: process.env.DATABASE_URL ?? 'postgres://localhost/shop',
    entities: [Customer, Order, OrderLine],
    migrations: [`${import.meta.dirname}/migrations/*.ts`],
  },
  { ...(flags && { flags }) },
)
