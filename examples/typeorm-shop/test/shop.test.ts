import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { dataSource } from '../src/data-source.ts'
import { unleash } from '../src/flags.ts'
import { shopServer } from '../src/shop-server.ts'

// The tests of a shop, which know nothing of any migration: they pass before, during and after it.

const server = shopServer()
let address = ''

before(async () => {
  await dataSource.initialize()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

after(async () => {
  server.close()
  server.closeAllConnections()
  await dataSource.destroy()
  unleash?.destroy()
})

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: never }> {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: { 'x-user': 'tester' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as never }
}

/** A customer that no other run has seen. */
async function newCustomer(): Promise<{ id: number; email: string; name: string }> {
  const mark = randomUUID()
  const { status, body } = await call('POST', '/customers', { email: `${mark}@example.org`, name: `Ada ${mark}` })
  assert.equal(status, 201)
  return body
}

test('a customer is stored, found by name, and renamed', async () => {
  const { id, email, name } = await newCustomer()
  assert.deepEqual(await call('GET', `/customers?search=${name.toUpperCase()}`), {
    status: 200,
    body: [{ id, email, name }],
  })
  const renamed = { id, email, name: `Augusta ${email}` }
  assert.deepEqual(await call('PATCH', `/customers/${id}`, { name: renamed.name }), { status: 200, body: renamed })
  assert.deepEqual(await call('GET', `/customers/${id}`), { status: 200, body: { ...renamed, orders: [] } })
  assert.deepEqual(await call('GET', `/customers?search=${name}`), { status: 200, body: [] })
})

test('an order has lines and a customer', async () => {
  const customer = await newCustomer()
  const lines = [
    { product: 'pen', cents: 250 },
    { product: 'ink', cents: 1050 },
  ]
  const { status, body } = await call('POST', `/customers/${customer.id}/orders`, { lines })
  assert.equal(status, 201)
  const { body: order } = await call('GET', `/orders/${(body as { id: number }).id}`)
  assert.deepEqual((order as { customer: unknown }).customer, customer)
  assert.deepEqual(
    (order as { lines: { product: string; cents: number }[] }).lines.map(({ product, cents }) => ({ product, cents })),
    lines,
  )
})

test('the best customers are those who spend most', async () => {
  const { id, name } = await newCustomer()
  // More than anybody has spent in an earlier run.
  const cents = Math.floor(Date.now() / 1000)
  await call('POST', `/customers/${id}/orders`, { lines: [{ product: 'piano', cents }] })
  const { body } = await call('GET', '/best-customers')
  assert.deepEqual((body as unknown[])[0], { name, cents })
})

test('what is not there is not found', async () => {
  assert.equal((await call('GET', '/customers/0')).status, 404)
  assert.equal((await call('GET', '/nowhere')).status, 404)
})
