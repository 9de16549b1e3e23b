import { createRuntime } from '@expand-contract/core'
import { migrating, migrationsOf } from '@expand-contract/drizzle'
import { instrumentedClient } from '@expand-contract/pg'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { customerRow, type OrmDatabase, type OrmKind, READ_FULL_NAME, readsNew } from './orm-database.ts'

const columns = () => ({
  id: integer().primaryKey(),
  email: text().notNull(),
  name: text().notNull(),
  city: text().notNull(),
})
const saleColumns = () => ({
  id: integer().primaryKey(),
  customerId: integer('customer_id').notNull(),
  quantity: integer().notNull(),
})

const others = pgTable('others', columns())
const otherSales = pgTable('other_sales', saleColumns())
const orders = pgTable('orders', saleColumns())
const customers = pgTable('customers', columns())
const declared = pgTable('customers', {
  ...columns(),
  name: migrating(text().notNull(), { to: text('full_name'), flag: READ_FULL_NAME }),
})
const byHand = pgTable('customers', { ...columns(), fullName: text('full_name') })

export async function drizzleDatabase(url: string, kind: OrmKind): Promise<OrmDatabase> {
  const runtime = await createRuntime({ migrations: migrationsOf({ declared }), ...readsNew() })
  const Client = kind === 'through' ? instrumentedClient(runtime) : pg.Client
  const client = new Client({ connectionString: url })
  await client.connect()
  const db = drizzle({ client })
  const tables = {
    other: { customer: others, sale: otherSales },
    migrating: { customer: kind === 'through' ? declared : customers, sale: orders },
  } as const
  return {
    find: (name, id) => db.select().from(tables[name].customer).where(eq(tables[name].customer.id, id)),
    list(name, id) {
      const { customer, sale } = tables[name]
      return db
        .select()
        .from(sale)
        .innerJoin(customer, eq(sale.customerId, customer.id))
        .where(eq(customer.id, id))
        .orderBy(sale.id)
    },
    insert(name, id) {
      const row = customerRow(id)
      if (kind === 'by hand' && name === 'migrating') return db.insert(byHand).values({ ...row, fullName: row.name })
      return db.insert(tables[name].customer).values(row)
    },
    update(name, id) {
      const value = { name: `Customer renamed ${id}` }
      if (kind === 'by hand' && name === 'migrating')
        return db
          .update(byHand)
          .set({ ...value, fullName: value.name })
          .where(eq(byHand.id, id))
      return db.update(tables[name].customer).set(value).where(eq(tables[name].customer.id, id))
    },
    execute: (sql) => client.query(sql),
    async close() {
      await client.end()
      await runtime.close()
    },
  }
}
