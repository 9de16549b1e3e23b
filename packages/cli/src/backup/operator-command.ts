import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { cliError } from '../cli-error.ts'

export interface OperatorCommand {
  /** A line for the shell. */
  readonly line: string
  /** How it is called in texts: `--command`. */
  readonly flag: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What it writes to its standard error, line by line. */
  readonly onError: (line: string) => void
  readonly signal: AbortSignal
  readonly timeoutMs: number | undefined
}

/** A timer of Node that is longer is over at once. */
const LONGEST_MS = 2 ** 31 - 1

/** How long a command has to end by itself, in milliseconds, before it is killed. */
const GRACE_MS = 5_000

/**
 * Runs a command to its end. What it writes to its standard output may be rows, so it is neither shown nor kept: answers how many bytes that were.
 * @throws EC_BACKUP_COMMAND, EC_BACKUP_TIMEOUT
 */
export async function runOperatorCommand(command: OperatorCommand): Promise<number> {
  let bytes = 0
  for await (const part of outputOf(command)) bytes += part.length
  return bytes
}

/**
 * What a command writes to its standard output, to its end; it raises behind the last byte where the command has failed. A reader who stops ends it.
 * @throws EC_BACKUP_COMMAND, EC_BACKUP_TIMEOUT
 */
export const operatorOutput = (command: OperatorCommand): Readable =>
  Readable.from(outputOf(command), { objectMode: false })

async function* outputOf(command: OperatorCommand): AsyncGenerator<Buffer> {
  const { line, cwd, env, signal, timeoutMs, onError } = command
  signal.throwIfAborted()
  // A group of its own: Ctrl-C is told to this process, which ends what the shell has started as well.
  const child = spawn(line, { shell: true, detached: true, cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close') as Promise<[number | null, string | null]>
  closed.catch(() => undefined)
  let why: 'stopped' | 'time' | undefined
  const stop = (reason: 'stopped' | 'time') => (): void => {
    why ??= reason
    end(child)
  }
  const stopped = stop('stopped')
  signal.addEventListener('abort', stopped, { once: true })
  const timer = timeoutMs === undefined ? undefined : setTimeout(stop('time'), Math.min(timeoutMs, LONGEST_MS))
  const { stdout, stderr } = child
  createInterface({ input: stderr }).on('line', onError)
  try {
    for await (const part of stdout) yield part as Buffer
    const [code, name] = await closed.catch((error: unknown) => {
      // Such as a folder that is gone, or an environment that is longer than the system takes.
      throw hasFailed(command, `could not be started (${String(Object(error).code)})`)
    })
    signal.throwIfAborted()
    if (why === 'time') throw tookTooLong(command)
    if (code !== 0) throw hasFailed(command, code === null ? `was ended by ${name}` : `has ended with ${code}`)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stopped)
    if (child.exitCode === null && child.signalCode === null) {
      end(child)
      await closed.catch(() => undefined)
    }
  }
}

/** By its group: the shell's own end would leave what it has started. */
function end(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM')
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS)
  child.once('close', () => clearTimeout(timer))
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}

const tookTooLong = ({ flag, timeoutMs = 0 }: OperatorCommand): Error =>
  cliError('EC_BACKUP_TIMEOUT', {
    message: `The command of ${flag} has not ended within ${timeoutMs / 1_000} s, and was ended. Nothing is recorded.`,
    hint: 'Give it more time with --timeout.',
  })

const hasFailed = ({ flag }: OperatorCommand, how: string): Error =>
  cliError('EC_BACKUP_COMMAND', {
    message: `The command of ${flag} ${how}. Nothing was changed, and nothing is recorded.`,
    hint: 'What it said stands above. --dry-run shows the variables that it is given.',
  })
