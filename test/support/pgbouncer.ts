import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { queryServer } from './query-server.ts'
import { removeFolder, scratchFolder } from './scratch-folder.ts'

/** PgBouncer in transaction mode, in front of the server of a database. */
export interface PgBouncer {
  readonly url: string
  stop(): Promise<void>
}

/** Where Debian's package puts it, and the PATH. */
const PLACES = ['/usr/sbin', '/usr/bin', ...(process.env.PATH ?? '').split(':')]

/** The program, or undefined where none is installed. */
export const pgbouncerProgram = (): string | undefined =>
  PLACES.map((folder) => join(folder, 'pgbouncer')).find((path) => existsSync(path))

const TRIES = 200

/** Starts it with so few connections to the server that those of the application must share them. */
export async function startPgBouncer(program: string, databaseUrl: string, poolSize = 2): Promise<PgBouncer> {
  for (let attempt = 1; ; attempt++)
    try {
      return await startPgBouncerAt(await freePort(), { program, databaseUrl, poolSize })
    } catch (error) {
      if (attempt === 5 || !/in use/iu.test(String(error))) throw error
    }
}

interface Bounced {
  readonly program: string
  readonly databaseUrl: string
  readonly poolSize: number
}

async function startPgBouncerAt(ownPort: number, { program, databaseUrl, poolSize }: Bounced): Promise<PgBouncer> {
  const folder = scratchFolder('ec-pgbouncer-', false)
  const { hostname, port, username, password, pathname } = new URL(databaseUrl)
  const secret = password === '' ? '' : ` password='${decodeURIComponent(password)}'`
  const server = `host=${hostname} port=${port} user='${decodeURIComponent(username)}'${secret}`
  const lines = [
    '[databases]',
    `* = ${server}`,
    '[pgbouncer]',
    `listen_addr = 127.0.0.1\nlisten_port = ${ownPort}\nunix_socket_dir =`,
    `auth_type = any\npool_mode = transaction\ndefault_pool_size = ${poolSize}`,
  ]
  const config = join(folder, 'pgbouncer.ini')
  writeFileSync(config, lines.join('\n'))
  const child = spawn(program, [config], { stdio: ['ignore', 'ignore', 'pipe'], ...unprivileged() })
  const url = `postgres://app@127.0.0.1:${ownPort}${pathname}`
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  await untilItAnswers(url, child, () => log)
  return {
    url,
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      await ended
      removeFolder(folder)
    },
  }
}

/** It refuses to run as root. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (kind: '-u' | '-g'): number => Number(execFileSync('id', [kind, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

async function untilItAnswers(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const closed = once(child, 'close')
  for (let tries = 1; ; tries += 1) {
    if (child.exitCode !== null) {
      await closed
      throw new Error(`PgBouncer did not start:\n${log()}`)
    }
    try {
      await queryServer(url, 'select 1')
      return
    } catch (cause) {
      if (tries > TRIES) throw new Error(`PgBouncer does not answer:\n${log()}`, { cause })
      await sleep(100)
    }
  }
}
