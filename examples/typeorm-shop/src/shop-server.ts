import { createServer, type IncomingMessage, type Server } from 'node:http'
import { json } from 'node:stream/consumers'
import { ILike } from 'typeorm'
import { dataSource } from './data-source.ts'
import { Customer, Order } from './entities.ts'

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** What one route does with its request; `id` is that of the path. */
type Handler = (request: IncomingMessage, url: URL, id: number) => Promise<Answer>

const customers = dataSource.getRepository(Customer)
const orders = dataSource.getRepository(Order)

const ok = (body: unknown): Answer => ({ status: 200, body })
const found = (body: unknown): Answer => (body === null ? { status: 404, body: { error: 'not found' } } : ok(body))

const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /customers': async (_, { searchParams }) =>
    ok(
      await customers.find({
        where: { name: ILike(`%${searchParams.get('search') ?? ''}%`) },
        order: { name: 'ASC' },
        take: 20,
      }),
    ),

  'POST /customers': async (request) => ({
    status: 201,
    body: await customers.save(customers.create((await json(request)) as Partial<Customer>)),
  }),

  'GET /customers/:id': async (_request, _url, id) =>
    found(await customers.findOne({ where: { id }, relations: { orders: true } })),

  'PATCH /customers/:id': async (request, _url, id) => {
    const { name } = (await json(request)) as Partial<Customer>
    await customers.update(id, { ...(name !== undefined && { name }) })
    return found(await customers.findOneBy({ id }))
  },

  'POST /customers/:id/orders': async (request, _url, id) => {
    const { lines } = (await json(request)) as Pick<Order, 'lines'>
    return {
      status: 201,
      body: await dataSource.manager.transaction((manager) => manager.save(Order, { customer: { id }, lines })),
    }
  },

  'GET /orders/:id': async (_request, _url, id) =>
    found(await orders.findOne({ where: { id }, relations: { customer: true } })),

  'GET /best-customers': async () =>
    ok(
      await dataSource
        .createQueryBuilder(Customer, 'customer')
        .innerJoin('customer.orders', 'order')
        .innerJoin('order.lines', 'line')
        .select('customer.name', 'name')
        .addSelect('sum(line.cents)::int', 'cents')
        .groupBy('customer.id')
        .orderBy('cents', 'DESC')
        .addOrderBy('customer.name')
        .limit(3)
        .getRawMany(),
    ),
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://shop')
  const id = /\d+/u.exec(url.pathname)?.[0]
  const handler = ROUTES[`${request.method} ${url.pathname.replace(/\d+/u, ':id')}`]
  if (handler === undefined) return { status: 404, body: { error: 'no such route' } }
  // One request reads one of the two columns throughout, as the flag says for its user.
  return dataSource.withContext({ userId: request.headers['x-user']?.toString() ?? 'nobody' }, () =>
    handler(request, url, Number(id)),
  )
}

export function shopServer(): Server {
  return createServer((request, response) => {
    answer(request)
      .catch((error: unknown): Answer => {
        console.error(error)
        return { status: 500, body: { error: 'internal error' } }
      })
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
  })
}
