import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Progress } from './progress.ts'
import type { AtEnd } from './servers.ts'

/** How commands end here, as `expand-contract help exit-codes` has it. */
const DONE = 0
export const REFUSED = 3

/** Whoever types the commands of the migration. */
export interface Operator {
  /** Runs `npx expand-contract ...` in the folder of this demo, shows its screen, and insists on how it ends. */
  run(line: string, exitCode?: number): Promise<void>
  /** Where backups go, for as long as the demo runs. */
  readonly backups: string
}

const PROGRAM = fileURLToPath(new URL('src/main.ts', import.meta.resolve('@expand-contract/cli/package.json')))
const FOLDER = fileURLToPath(new URL('..', import.meta.url))

/** The command line as its own process each time, as from a terminal; what runs is stopped when the demo ends. */
export function operator(databaseUrl: string, scratch: string, progress: Progress, atEnd: AtEnd): Operator {
  const running = new Map<ChildProcess, Promise<unknown>>()
  let left = false
  atEnd(async () => {
    left = true
    for (const [child, closed] of running) {
      child.kill('SIGINT')
      await closed.catch(() => undefined)
    }
  })
  return {
    backups: scratch,
    async run(line, exitCode = DONE) {
      if (left) throw new Error('The operator has left.')
      const screen = progress.command(`expand-contract ${line}`)
      const child = spawn(process.execPath, [...process.execArgv, PROGRAM, ...line.split(' ')], {
        cwd: FOLDER,
        // What Node makes of the sources is kept from one command to the next, as an installed package has it.
        env: { ...process.env, DATABASE_URL: databaseUrl, NODE_COMPILE_CACHE: join(scratch, 'compiled') },
        // A group of its own: Ctrl-C reaches the demo alone, which stops it in order.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const closed = once(child, 'close') as Promise<[number | null]>
      running.set(child, closed)
      for (const input of [child.stdout, child.stderr])
        createInterface({ input }).on('line', (text) => screen.line(text))
      const [code] = await closed.finally(() => running.delete(child))
      screen.ended(code)
      if (code !== exitCode) throw new Error(`expand-contract ${line}: it ended with ${code}, not with ${exitCode}.`)
    },
  }
}
