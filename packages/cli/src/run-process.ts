import { hostname, userInfo } from 'node:os'
import { run } from './run.ts'

/** Runs the command line as this process, whose exit code it sets. */
export async function runProcess(argv: readonly string[]): Promise<void> {
  process.exitCode = await run(argv, {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    user: userInfo().username,
    host: hostname(),
    pid: process.pid,
    onSignal(listener) {
      process.on('SIGINT', listener).on('SIGTERM', listener)
      return () => process.off('SIGINT', listener).off('SIGTERM', listener)
    },
  })
}
