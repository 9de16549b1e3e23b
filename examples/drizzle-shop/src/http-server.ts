import { createServer, type IncomingMessage, type Server } from 'node:http'
import { json } from 'node:stream/consumers'
import type { NewCustomer, NewOrder, NewProduct, Shop } from './shop.ts'

interface Asked {
  readonly id: number
  readonly search: string
  readonly body: unknown
}

const ROUTES: Readonly<Record<string, (shop: Shop, asked: Asked) => Promise<unknown>>> = {
  'POST /customers': (shop, { body }) => shop.addCustomer(body as NewCustomer),
  'GET /customers': (shop, { search }) => shop.findCustomers(search),
  'GET /customers/:id': (shop, { id }) => shop.customer(id),
  'PATCH /customers/:id': (shop, { id, body }) => shop.renameCustomer(id, (body as NewCustomer).name),
  'DELETE /customers/:id': (shop, { id }) => shop.removeCustomer(id),
  'POST /products': (shop, { body }) => shop.addProduct(body as NewProduct),
  'POST /orders': (shop, { body }) => shop.placeOrder(body as NewOrder),
  'GET /best-customers': (shop) => shop.bestCustomers(),
}

/** Runs a request: in it, a migration is read from one side, whatever the flag does meanwhile. */
export type InRequest = (context: { readonly userId?: string }, handle: () => Promise<unknown>) => Promise<unknown>

/** The shop over HTTP: JSON in, JSON out. */
export function shopServer(shop: Shop, inRequest: InRequest): Server {
  return createServer(async (request, response) => {
    const { status, answer } = await inRequest(userOf(request), () => respond(shop, request)).then(
      (found) => (found === undefined ? { status: 404, answer: null } : { status: 200, answer: found }),
      (error: unknown) => {
        console.error(error)
        return { status: 500, answer: null }
      },
    )
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
}

const userOf = ({ headers }: IncomingMessage): { readonly userId?: string } => {
  const userId = headers['x-user-id']
  return typeof userId === 'string' ? { userId } : {}
}

async function respond(shop: Shop, request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const [, path = '', id] = pathname.split('/')
  const route = ROUTES[`${request.method} /${path}${id === undefined ? '' : '/:id'}`]
  const body = request.method === 'POST' || request.method === 'PATCH' ? await json(request) : undefined
  return route?.(shop, { id: Number(id), body, search: searchParams.get('search') ?? '' })
}
