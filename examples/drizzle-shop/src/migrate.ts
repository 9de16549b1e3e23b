import { join } from 'node:path'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { openDatabase } from './database.ts'

const { db, close } = await openDatabase(process.env.DATABASE_URL ?? '')
await migrate(db, { migrationsFolder: join(import.meta.dirname, '../migrations') })
await close()
