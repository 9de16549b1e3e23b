import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { unleashFlags } from '@expand-contract/unleash'
import { Unleash } from 'unleash-client'
import { openDatabase } from './database.ts'
import { shopServer } from './http-server.ts'
import { shopOn } from './shop.ts'

const { DATABASE_URL = '', PORT = '3000', UNLEASH_URL: url = '', UNLEASH_TOKEN: Authorization = '' } = process.env

const unleash = new Unleash({ appName: 'drizzle-shop', url, customHeaders: { Authorization }, refreshInterval: 1000 })
const { db, runtime, close } = await openDatabase(DATABASE_URL, unleashFlags(unleash))

const server = shopServer(shopOn(db), (context, handle) => runtime.withContext(context, handle))
server.listen(Number(PORT))
await once(server, 'listening')
console.log(`The shop is open at http://localhost:${(server.address() as AddressInfo).port}`)

process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await close()
  unleash.destroy()
})
