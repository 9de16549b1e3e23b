import { desc, eq, ilike, inArray, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { customers, orderLines, orders, products } from './schema.ts'

export interface NewCustomer {
  readonly name: string
  readonly email: string
}

export interface NewProduct {
  readonly title: string
  readonly cents: number
}

export interface NewOrder {
  readonly customerId: number
  readonly lines: readonly { readonly productId: number; readonly quantity: number }[]
}

/** What the shop does with its data. Nothing here knows that two columns are migrating. */
export function shopOn(db: Database) {
  return {
    addCustomer: async (customer: NewCustomer) => {
      const [added] = await db.insert(customers).values(customer).returning()
      return added
    },

    renameCustomer: async (id: number, name: string) => {
      const [renamed] = await db.update(customers).set({ name }).where(eq(customers.id, id)).returning()
      return renamed
    },

    findCustomers: (text: string) =>
      db
        .select({ id: customers.id, name: customers.name })
        .from(customers)
        .where(ilike(customers.name, `%${text}%`))
        .orderBy(customers.name)
        .limit(20),

    customer: (id: number) =>
      db.query.customers.findFirst({
        where: eq(customers.id, id),
        with: { orders: { orderBy: desc(orders.cents), with: { lines: { with: { product: true } } } } },
      }),

    addProduct: async (product: NewProduct) => {
      const [added] = await db.insert(products).values(product).returning()
      return added
    },

    /** Places an order: its lines, and then its total as the sum of them. */
    placeOrder: ({ customerId, lines }: NewOrder) =>
      db.transaction(async (tx) => {
        const [order] = await tx.insert(orders).values({ customerId }).returning()
        if (order === undefined) throw new Error('INSERT returned no row')
        await tx.insert(orderLines).values(lines.map((line) => ({ ...line, orderId: order.id })))
        const total = tx
          .select({ cents: sql<number>`sum(${products.cents} * ${orderLines.quantity})::int` })
          .from(orderLines)
          .innerJoin(products, eq(products.id, orderLines.productId))
          .where(eq(orderLines.orderId, order.id))
        const [placed] = await tx
          .update(orders)
          .set({ cents: sql`${total}` })
          .where(eq(orders.id, order.id))
          .returning()
        return placed
      }),

    bestCustomers: () =>
      db
        .select({
          name: customers.name,
          orders: sql<number>`count(${orders.id})::int`,
          cents: sql<number>`sum(${orders.cents})::float8`,
        })
        .from(orders)
        .innerJoin(customers, eq(customers.id, orders.customerId))
        .groupBy(customers.id, customers.name)
        .orderBy(desc(sql`sum(${orders.cents})`), customers.name)
        .limit(10),

    removeCustomer: (id: number) =>
      db.transaction(async (tx) => {
        const theirs = tx.select({ id: orders.id }).from(orders).where(eq(orders.customerId, id))
        await tx.delete(orders).where(inArray(orders.id, theirs))
        const [removed] = await tx.delete(customers).where(eq(customers.id, id)).returning({ name: customers.name })
        return removed
      }),
  }
}

export type Shop = ReturnType<typeof shopOn>
