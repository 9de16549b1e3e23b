import { physicalTables } from '@expand-contract/drizzle'
import * as schema from './schema.ts'

export const { customers, products, orders, orderLines } = physicalTables(schema)
