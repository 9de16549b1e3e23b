import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

interface Memory {
  readonly rss: number
  readonly heapUsed: number
}

const SCRIPT = fileURLToPath(new URL('memory-process.ts', import.meta.url))

const MIB = 2 ** 20
const TARGET_MIB = 100

/** What a process takes after many distinct texts, above one with pg as it is. */
export async function memoryAfter(texts: number, url: string): Promise<string> {
  const bare = await memoryOf('bare', url, texts)
  const through = await memoryOf('through', url, texts)
  const above = (through.rss - bare.rss) / MIB
  const figures = Object.entries({ bare, through }).map(
    ([name, { rss, heapUsed }]) => `${name} ${(rss / MIB).toFixed(0)} MiB (heap ${(heapUsed / MIB).toFixed(0)})`,
  )
  return `memory after ${texts} distinct texts: ${figures.join(', ')}; above bare ${above.toFixed(0)} MiB, <= ${TARGET_MIB} MiB ${above <= TARGET_MIB ? 'yes' : 'NO'}`
}

async function memoryOf(kind: 'bare' | 'through', url: string, texts: number): Promise<Memory> {
  const execArgv = [...process.execArgv, '--expose-gc']
  const child = fork(SCRIPT, [url, kind, String(texts)], { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [answer] = (await once(child, 'message')) as [Memory]
  await once(child, 'exit')
  return answer
}
