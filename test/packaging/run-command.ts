import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Place {
  readonly cwd: string
  /** On top of that of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end; when it fails, the error shows what it printed. */
export async function runCommand(where: string | Place, program: string, ...args: readonly string[]): Promise<string> {
  const { cwd, env } = typeof where === 'string' ? { cwd: where } : where
  try {
    const shell = process.platform === 'win32'
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024, shell }
    return (await promisify(execFile)(program, args, options)).stdout
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${args.join(' ')} failed in ${cwd}:\n${stdout}${stderr}`, { cause })
  }
}
