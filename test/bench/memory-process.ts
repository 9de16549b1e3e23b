import { setTimeout } from 'node:timers/promises'
import { packagesOf } from './packages-of.ts'

/** Sends texts that never come twice, and tells what the process takes then: `url kind texts [folder of another checkout]`. */
const [url = '', kind = 'bare', texts = '0', before] = process.argv.slice(2)
if (before !== undefined) packagesOf(before)
const { client, close } = kind === 'through' ? await through() : await bare()
const bulk = (turn: number): string =>
  `select id, name from customers where name in (${Array.from({ length: 1_000 }, (_, n) => `'${turn} ${n}'`).join(', ')})`
for (let turn = 0; turn < Number(texts); turn++) {
  await client.query(`select id, name, city from customers where id = ${turn} and name <> 'x${turn}'`)
  // Here and there a long one, and one of a shape of its own.
  if (turn % 500 === 0) await client.query(bulk(turn))
  if (turn % 50 === 0) await client.query(`select id as "id ${turn}", name from customers where id = ${turn}`)
}
// V8 goes on optimising what it has run for a while, the parser above all, and takes up to 200 MiB for that meanwhile.
await setTimeout(3_000)
global.gc?.()
await setTimeout(1_000)
const { rss, heapUsed } = process.memoryUsage()
process.send?.({ rss, heapUsed })
await close()

/** `pg` and nothing else: the parser, which every runtime loads, is not to be here. */
async function bare() {
  const { default: pg } = await import('pg')
  const bareClient = new pg.Client({ connectionString: url })
  await bareClient.connect()
  return { client: bareClient, close: () => bareClient.end() }
}

async function through() {
  const { connectSubject } = await import('./subjects.ts')
  return connectSubject(url, 'through', 'new')
}
