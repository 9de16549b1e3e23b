import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** The processes that a process has started. Small images have no `ps`. */
export const childrenOf = (pid: number): readonly number[] =>
  (existsSync('/proc/self/stat') ? fromProc() : fromPs()).filter(({ parent }) => parent === pid).map((each) => each.pid)

/** SIGKILL, if it is there still. */
export function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

interface Process {
  readonly pid: number
  readonly parent: number
}

const fromProc = (): readonly Process[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => {
      try {
        // Behind the name of the program, which stands in parentheses and may have some of its own: state, parent.
        const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /su, '')
          .split(' ')
        return [{ pid: Number(name), parent: Number(parent) }]
      } catch {
        return []
      }
    })

const fromPs = (): readonly Process[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }))
