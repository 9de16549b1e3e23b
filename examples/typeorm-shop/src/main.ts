import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { dataSource } from './data-source.ts'
import { unleash } from './flags.ts'
import { shopServer } from './shop-server.ts'

await dataSource.initialize()
const server = shopServer().listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
await once(server, 'listening')
console.log(`The shop is open: http://127.0.0.1:${(server.address() as AddressInfo).port}`)

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
server.close()
server.closeAllConnections()
await dataSource.destroy()
unleash?.destroy()
