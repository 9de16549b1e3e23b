import { migrating } from '@expand-contract/drizzle'
import { relations } from 'drizzle-orm'
import { bigint, index, integer, pgTable, text, timestamp, varchar } from 'drizzle-orm/pg-core'

export const customers = pgTable('customers', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  name: migrating(varchar('name', { length: 80 }).notNull(), {
    to: text('full_name').notNull(),
    flag: 'customers-full-name',
  }),
  email: text('email').notNull().unique(),
  since: timestamp('since').notNull().defaultNow(),
})

export const products = pgTable('products', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  title: text('title').notNull(),
  cents: integer('cents').notNull(),
})

export const orders = pgTable(
  'orders',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    customerId: integer('customer_id')
      .notNull()
      .references(() => customers.id),
    cents: migrating(integer('cents').notNull().default(0), {
      to: bigint('total_cents', { mode: 'number' }).notNull().default(0),
      flag: 'orders-total-cents',
    }),
  },
  (table) => [index('orders_customer_id_idx').on(table.customerId)],
)

export const orderLines = pgTable('order_lines', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  orderId: integer('order_id')
    .notNull()
    .references(() => orders.id, { onDelete: 'cascade' }),
  productId: integer('product_id')
    .notNull()
    .references(() => products.id),
  quantity: integer('quantity').notNull(),
})

export const customersRelations = relations(customers, ({ many }) => ({ orders: many(orders) }))

export const ordersRelations = relations(orders, ({ one, many }) => ({
  customer: one(customers, { fields: [orders.customerId], references: [customers.id] }),
  lines: many(orderLines),
}))

export const orderLinesRelations = relations(orderLines, ({ one }) => ({
  order: one(orders, { fields: [orderLines.orderId], references: [orders.id] }),
  product: one(products, { fields: [orderLines.productId], references: [products.id] }),
}))
