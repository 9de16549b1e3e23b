import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createRuntime, renameColumn } from '@expand-contract/core'
import { instrumentedSql } from '@expand-contract/postgres-js'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, newestMajor, type TestDatabase } from '../support/postgres.ts'

const FULL_NAME = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text' })

/** Between client and server; `cut` resets a connection as it sends something with this text, as a server that was killed does. */
async function startProxy(url: string) {
  const { hostname, port } = new URL(url)
  const own = new URL(url)
  const open = new Set<Socket>()
  let cutAt: string | undefined
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => undefined).on('close', () => open.delete(socket))
    }
    upstream.on('close', () => client.destroy()).pipe(client)
    client.on('close', () => upstream.destroy())
    client.on('data', (data) => {
      if (cutAt === undefined || !data.includes(cutAt)) upstream.write(data)
      else {
        cutAt = undefined
        client.resetAndDestroy()
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  own.port = String((server.address() as AddressInfo).port)
  return {
    url: own.href,
    cut(text: string) {
      cutAt = text
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

let database: TestDatabase
beforeAll(async () => {
  const sql = `create table users (id int primary key, name text, full_name text); insert into users values (1, 'a', 'a')`
  database = await createDatabase(newestMajor(), { sql })
})
afterAll(() => database?.drop())

/** Statements look at the catalog first, ten times a second. */
async function opened(url: string, max: number) {
  const runtime = await createRuntime({ migrations: [FULL_NAME] })
  const driver = postgres(url, { max, onnotice: () => undefined, backoff: () => 0.01 })
  const sql = instrumentedSql(runtime, driver, { catalogRefreshMs: 100 }) as postgres.Sql
  return {
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 })
      await runtime.close()
    },
  }
}

const LOST = { code: expect.stringMatching(/^(?:ECONNRESET|CONNECTION_CLOSED)$/u) }

test.each([1, 2])(
  'a statement whose connection is reset is told so, whatever it was doing; the next one has another (max %i)',
  async (max) => {
    await using proxy = await startProxy(database.url)
    await using application = await opened(proxy.url, max)
    const { sql } = application
    for (const [round, text] of ['SET LOCAL', 'update', 'SET LOCAL', 'SET LOCAL', 'value', 'update'].entries()) {
      expect(await sql`update users set name = ${text} where id = 1 returning name`).toEqual([{ name: text }])
      proxy.cut(text)
      const lost = async (): Promise<void> => {
        // Each text is new to its connection: of one that is prepared there, only the values are sent.
        for (let i = 0; i < 100_000; i++)
          await sql.unsafe(`update users set name = $1 where id = ${i} or id = ${round}`, ['value'], { prepare: true })
      }
      await expect(lost()).rejects.toMatchObject(LOST)
      expect(await sql`select id from users`).toEqual([{ id: 1 }])
    }
  },
)

test.each(['update', 'savepoint', 'commit'])(
  'a transaction that loses its connection by %s fails with that, and ends no process',
  async (text) => {
    await using proxy = await startProxy(database.url)
    await using application = await opened(proxy.url, 2)
    const { sql } = application
    await sql`update users set name = 'kept'`
    const transaction = sql.begin(async (inner) => {
      await inner`select 1`
      proxy.cut(text)
      await inner`update users set name = 'lost'`
      await inner.savepoint(async (nested) => void (await nested`update users set name = 'lost, too'`))
    })
    await expect(transaction).rejects.toMatchObject(LOST)
    expect(await sql`select name, full_name from users`).toEqual([{ name: 'kept', full_name: 'kept' }])
  },
)
