import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Runs a program to its end; when it fails, the error shows what it printed. */
export async function runCommand(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  try {
    const options = { cwd, maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' }
    return (await promisify(execFile)(program, args, options)).stdout
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${args.join(' ')} failed in ${cwd}:\n${stdout}${stderr}`, { cause })
  }
}
