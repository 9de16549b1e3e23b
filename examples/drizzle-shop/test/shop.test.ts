import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'

/** The tests of the service as it was before anything migrated. They are the same in every stage. */
const SHOP_URL = process.env.SHOP_URL ?? 'http://localhost:3000'

interface Order {
  readonly id: number
  readonly cents: number
  readonly lines: readonly { readonly quantity: number; readonly product: { readonly title: string } }[]
}

interface Customer {
  readonly id: number
  readonly name: string
  readonly orders: readonly Order[]
}

async function call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(SHOP_URL + path, { method, ...(body && { body: JSON.stringify(body) }) })
  assert.equal(response.status, 200, `${method} ${path}`)
  return (await response.json()) as Answer
}

const newCustomer = (name: string): Promise<Customer> =>
  call('POST', '/customers', { name, email: `${randomUUID()}@example.com` })

test('a customer is added, found, renamed and removed', async () => {
  const surname = randomUUID()
  const { id, name } = await newCustomer(`Ada ${surname}`)
  assert.equal(name, `Ada ${surname}`)
  await newCustomer(`Zoe ${surname}`)
  assert.equal(
    (await call<Customer>('PATCH', `/customers/${id}`, { name: `Ada B. ${surname}` })).name,
    `Ada B. ${surname}`,
  )

  const found = await call<Customer[]>('GET', `/customers?search=${surname}`)
  assert.deepEqual(
    found.map((customer) => customer.name),
    [`Ada B. ${surname}`, `Zoe ${surname}`],
  )

  assert.equal((await call<Customer>('DELETE', `/customers/${id}`)).name, `Ada B. ${surname}`)
  assert.equal((await fetch(`${SHOP_URL}/customers/${id}`)).status, 404)
  assert.equal((await call<Customer[]>('GET', `/customers?search=${surname}`)).length, 1)
})

test('an order is the sum of its lines, and is found with its customer', async () => {
  const name = `Buyer ${randomUUID()}`
  const { id: customerId } = await newCustomer(name)
  const tea = await call<{ id: number }>('POST', '/products', { title: 'Tea', cents: 450 })
  const cup = await call<{ id: number }>('POST', '/products', { title: 'Cup', cents: 1200 })
  const order = (lines: readonly (readonly [{ id: number }, number])[]): Promise<Order> =>
    call('POST', '/orders', {
      customerId,
      lines: lines.map(([{ id: productId }, quantity]) => ({ productId, quantity })),
    })

  assert.equal((await order([[tea, 2]])).cents, 900)
  assert.equal(
    (
      await order([
        [tea, 1],
        [cup, 3],
      ])
    ).cents,
    4050,
  )

  const customer = await call<Customer>('GET', `/customers/${customerId}`)
  assert.equal(customer.name, name)
  assert.deepEqual(
    customer.orders.map(({ cents, lines }) => [cents, lines.map(({ product, quantity }) => [product.title, quantity])]),
    [
      [
        4050,
        [
          ['Tea', 1],
          ['Cup', 3],
        ],
      ],
      [900, [['Tea', 2]]],
    ],
  )

  const best = await call<{ name: string; orders: number; cents: number }[]>('GET', '/best-customers')
  assert.ok(best.every((each, index) => index === 0 || each.cents <= (best[index - 1]?.cents ?? 0)))
  assert.deepEqual(
    best.find((each) => each.name === name),
    { name, orders: 2, cents: 4950 },
  )
})

test('what the database refuses is an error, and changes nothing', async () => {
  const before = await call<unknown[]>('GET', '/best-customers')
  const order = { customerId: -1, lines: [] }
  assert.equal((await fetch(`${SHOP_URL}/orders`, { method: 'POST', body: JSON.stringify(order) })).status, 500)
  const nameless = { email: `${randomUUID()}@example.com` }
  assert.equal((await fetch(`${SHOP_URL}/customers`, { method: 'POST', body: JSON.stringify(nameless) })).status, 500)
  assert.deepEqual(await call('GET', '/best-customers'), before)
})
