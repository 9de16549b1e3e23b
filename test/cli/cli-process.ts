import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Failpoint, PointReached } from './failpoint.ts'

const MAIN = join(import.meta.dirname, '../../packages/cli/src/main.ts')

export interface CliEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  /** Persisted steps, in order; each as it was about to be done. */
  readonly points: readonly string[]
}

export interface CliProcess {
  readonly child: ChildProcess
  readonly ended: Promise<CliEnd>
  /** Resolves when it stands at the failpoint; undefined: it has ended without. */
  readonly paused: Promise<PointReached | undefined>
  /** Resolves once its output has this text. */
  said(text: string): Promise<void>
  goOn(): void
}

export interface CliRun {
  readonly cwd: string
  readonly url: string
  readonly failpoint?: Failpoint
}

/** The real command line, in a process of its own, from its sources. */
export function startCli(args: readonly string[], { cwd, url, failpoint }: CliRun): CliProcess {
  const imports = ['--import', join(import.meta.dirname, 'failpoint.ts')]
  const child = spawn(process.execPath, ['--conditions=@expand-contract/source', ...imports, MAIN, ...args], {
    cwd,
    env: {
      ...{ PATH: process.env.PATH, NODE_NO_WARNINGS: '1', DATABASE_URL: url },
      ...(failpoint !== undefined && { EC_FAILPOINT: JSON.stringify(failpoint) }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      child.emit('said')
    })
  const points: string[] = []
  const exited = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const paused = new Promise<PointReached | undefined>((resolve) => {
    child.on('message', (reached: PointReached) => {
      if (reached.when === 'before') points.push(reached.text)
      if (failpoint?.act === 'pause' && reached.here) resolve(reached)
    })
    child.once('close', () => resolve(undefined))
  })
  return {
    ...{ child, paused },
    ended: exited.then(([code, signal]) => ({ code, signal, output, points })),
    async said(text) {
      while (!output.includes(text)) await Promise.race([once(child, 'said'), exited.then(() => gone(text, output))])
    },
    goOn: () => void child.send('go on'),
  }
}

function gone(text: string, output: string): never {
  throw new Error(`It has ended without saying ${JSON.stringify(text)}:\n${output}`)
}
