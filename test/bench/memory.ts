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

/** What a process takes after many distinct texts, above one with pg as it is; and one with the packages of another checkout. */
export async function memoryAfter(texts: number, url: string, before?: string): Promise<string> {
  const bare = await memoryOf('bare', url, texts)
  const through = await memoryOf('through', url, texts)
  const above = (through.rss - bare.rss) / MIB
  const measured: Record<string, Memory> = { bare, through }
  let notBefore = ''
  if (before !== undefined)
    try {
      measured['through, before'] = await memoryOf('through', url, texts, before)
    } catch (error) {
      notBefore = `; not measured before: ${error instanceof Error ? error.message : String(error)}`
    }
  const figures = Object.entries(measured).map(
    ([name, { rss, heapUsed }]) => `${name} ${(rss / MIB).toFixed(0)} MiB (heap ${(heapUsed / MIB).toFixed(0)})`,
  )
  return `memory after ${texts} distinct texts: ${figures.join(', ')}; above bare ${above.toFixed(0)} MiB, <= ${TARGET_MIB} MiB ${above <= TARGET_MIB ? 'yes' : 'NO'}${notBefore}`
}

async function memoryOf(kind: 'bare' | 'through', url: string, texts: number, before?: string): Promise<Memory> {
  const execArgv = [...process.execArgv, '--expose-gc']
  const work = [url, kind, String(texts), ...(before === undefined ? [] : [before])]
  const child = fork(SCRIPT, work, { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exit = once(child, 'exit')
  const answer = await Promise.race([once(child, 'message'), exit.then(() => undefined)])
  const [code] = await exit
  if (answer === undefined) throw new Error(`the process has ended with ${code}; what it said is above`)
  return answer[0] as Memory
}
