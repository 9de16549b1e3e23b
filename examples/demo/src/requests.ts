import type { ClientBase, Pool } from 'pg'
import type { Ledger } from './ledger.ts'
import type { Metrics } from './metrics.ts'
import { CUSTOMERS, ORDERS } from './shop.ts'

/** What a request of the application works with: a pool, or one of its connections, whose statements are measured. */
export type Query = <Row>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>

export const measuredQuery =
  (db: Pool | ClientBase, metrics: Metrics): Query =>
  async <Row>(text: string, values: readonly unknown[] = []) =>
    (await metrics.measure(() => db.query(text, [...values]))).rows as Row[]

/** Who sends a request. Customers of its own are changed by nobody else, so that it knows what they have to be in the end. */
export interface Sender {
  ownCustomer(limit?: number): number
  readonly ledger: Ledger
}

/** One request of the application, as its programmers wrote it before any migration; it keeps a ledger of what it wrote. */
export type Request = (query: Query, sender: Sender) => Promise<void>

interface Customer {
  readonly id: number
  readonly name: string
}

interface Order {
  readonly id: number
  readonly quantity: number
}

export const below = (limit: number): number => 1 + Math.floor(Math.random() * limit)
const someCustomer = (): number => below(CUSTOMERS)
const someName = (): string => `Customer ${someCustomer()}`

export const customerByKey: Request = async (query) => {
  await query<Customer>('select id, name, city from customers where id = $1', [someCustomer()])
}

export const customersByName: Request = async (query) => {
  await query<Customer>('select id, name from customers where name = $1 order by id limit 5', [someName()])
}

export const namesFrom: Request = async (query) => {
  await query('select name, count(*) from customers where name >= $1 group by name order by name limit 10', [
    someName(),
  ])
}

export const largeOrders: Request = async (query) => {
  await query<Order>('select id, quantity from orders where quantity >= $1 order by quantity desc limit 10', [
    900 + below(100),
  ])
}

export const ordersOfCustomer: Request = async (query) => {
  const sql = `select c.name, o.id, o.quantity, sum(o.quantity) over () as total
               from orders o join customers c on c.id = o.customer_id where c.id = $1`
  await query(sql, [someCustomer()])
}

/** `*` must go on meaning the columns that the application knows. */
export const wholeOrder: Request = async (query) => {
  const [order] = await query<object>('select * from orders where id = $1', [below(ORDERS)])
  expectEqual(Object.keys(order ?? {}), ['id', 'customer_id', 'quantity', 'status'], 'the columns of select *')
}

export const placeOrder: Request = async (query, { ledger }) => {
  const quantity = below(1_000)
  const values = [someCustomer(), quantity, 'new']
  const [order] = await query<Order>(
    'insert into orders (customer_id, quantity, status) values ($1, $2, $3) returning *',
    values,
  )
  ledger.order(idOf(order), quantity)
  expectEqual(order?.quantity, quantity, 'the quantity of a new order')
}

export const changeOrder: Request = async (query, { ledger }) => {
  const id = below(ORDERS)
  await query('update orders set quantity = quantity + 1 where id = $1', [id])
  ledger.order(id, 1)
}

export const renameCustomer: Request = async (query, sender) => {
  await rename(query, sender, sender.ownCustomer())
}

/** Those of the beginning have the number of their email address as their id. */
async function rename(query: Query, { ledger }: Sender, id: number, name = someName()): Promise<void> {
  await query('update customers set name = $2 where id = $1', [id, name])
  ledger.customer(id, name)
}

export const registerCustomer: Request = async (query, { ledger, ownCustomer }) => {
  const name = someName()
  const number = ownCustomer(CUSTOMERS + 1_000)
  const sql = `insert into customers (email, name, city) values ($1, $2, $3)
               on conflict (email) do update set name = excluded.name returning name`
  const [customer] = await query<Customer>(sql, [`c${number}@example.org`, name, 'Paris'])
  ledger.customer(number, name)
  expectEqual(customer?.name, name, 'the name of an upserted customer')
}

/** A request of several statements: all of them have to see one side, whatever the flag does meanwhile. */
export const visit: Request = async (query, sender) => {
  const id = sender.ownCustomer()
  await rename(query, sender, id)
  const [customer] = await query<Customer>('select id, name from customers where id = $1', [id])
  await query('select id from customers where name = $1 limit 5', [customer?.name])
  await query('select count(*), max(quantity) from orders where customer_id = $1', [id])
}

/** Runs within a transaction, so it sees exactly what it wrote. */
export const checkOut: Request = async (query, sender) => {
  const id = sender.ownCustomer()
  const [customer] = await query<Customer>('select id, name from customers where id = $1 for update', [id])
  const name = `${(customer?.name ?? '').replace(/ \*+$/, '')} *`
  await rename(query, sender, id, name)
  const [written] = await query<Order>(
    "insert into orders (customer_id, quantity, status) values ($1, 3, 'new') returning id",
    [id],
  )
  await query('update orders set quantity = quantity * 2 where id = $1', [written?.id])
  sender.ledger.order(idOf(written), 6)
  const sql = 'select c.name, o.quantity from customers c join orders o on o.customer_id = c.id where o.id = $1'
  const [seen] = await query<{ name: string; quantity: number }>(sql, [written?.id])
  expectEqual([seen?.name, seen?.quantity], [name, 6], 'what a transaction wrote')
}

function idOf(order: Order | undefined): number {
  if (order === undefined) throw new Error('an order was not returned')
  return order.id
}

function expectEqual(found: unknown, expected: unknown, what: string): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(`${what}: not what it has to be`)
}
