import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import xterm from '@xterm/headless'

const MAIN = join(import.meta.dirname, '../../packages/cli/src/main.ts')

/** Why nothing can be run in a terminal here; undefined: it can. */
export const noTerminal =
  spawnSync('script', ['--version']).status === 0
    ? undefined
    : '`script` of util-linux is not installed, so nothing runs in a terminal'

export interface TerminalRun {
  readonly code: number | null
  /** What is on the screen at the end, without empty lines behind it. */
  readonly screen: readonly string[]
  /** All that was written, without control characters. */
  readonly written: string
}

export interface RunInTerminal {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly columns: number
  /** Called with all that was written so far, and with what types. */
  readonly onWrite?: (written: string, type: (keys: string) => void) => void
}

/** Runs the command line in a terminal of its own, and answers what a person would see. */
export async function runInTerminal(args: readonly string[], options: RunInTerminal): Promise<TerminalRun> {
  const { cwd, env, columns, onWrite } = options
  const command = [process.execPath, '--conditions=@expand-contract/source', MAIN, ...args].map(quoted).join(' ')
  const child = spawn('script', ['-qfec', `stty cols ${columns} rows 50; exec ${command}`, '/dev/null'], {
    cwd,
    env: { PATH: process.env.PATH, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env },
  })
  // It may have ended by the time that something is typed.
  child.stdin.on('error', () => undefined)
  const terminal = new xterm.Terminal({ cols: columns, rows: 50, allowProposedApi: true, scrollback: 1_000 })
  const writes: Promise<void>[] = []
  let written = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += stripVTControlCharacters(text)
    writes.push(new Promise((resolve) => terminal.write(text, resolve)))
    onWrite?.(written, (keys) => child.stdin.write(keys))
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  await Promise.all(writes)
  const { active } = terminal.buffer
  const lines = Array.from({ length: active.length }, (_, at) => active.getLine(at)?.translateToString(true) ?? '')
  terminal.dispose()
  return { code, written, screen: lines.slice(0, lines.findLastIndex((line) => line !== '') + 1) }
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`
