import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { type UnleashAdmin, unleashAdmin } from './unleash-admin.ts'

/** A real unleash-server in a process of its own. */
export interface UnleashServer extends UnleashAdmin {
  /** For `new Unleash({ url })`. */
  readonly url: string
  /** For its header `Authorization`. */
  readonly clientToken: string
  /** Stops the process. The flags stay in the database. */
  stop(): Promise<void>
  /** Starts it again: same port, same database, same tokens. */
  start(): Promise<void>
}

export interface StartUnleash {
  /** An empty database, or one that an Unleash has used before. */
  readonly databaseUrl: string
  /** @defaultValue true: started when the promise resolves. False leaves it to `start()`. */
  readonly started?: boolean
}

/** Starts the real server, in about 3 s on an empty database and 1.5 s on a used one. */
export async function startUnleash({ databaseUrl, started = true }: StartUnleash): Promise<UnleashServer> {
  for (let attempt = 1; ; attempt++)
    try {
      return await startUnleashAt(await freePort(), { databaseUrl, started })
    } catch (error) {
      // It takes seconds until it listens, and somebody else may have taken the port.
      if (attempt === 5 || !String(error).includes('EADDRINUSE')) throw error
    }
}

async function startUnleashAt(port: number, { databaseUrl, started }: Required<StartUnleash>): Promise<UnleashServer> {
  const secret = randomBytes(16).toString('hex')
  const tokens = { admin: `*:*.${secret}`, client: `default:development.${secret}` }
  const url = `http://127.0.0.1:${port}/api`
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    DATABASE_SSL: 'false',
    HTTP_HOST: '127.0.0.1',
    PORT: String(port),
    INIT_ADMIN_API_TOKENS: tokens.admin,
    INIT_BACKEND_API_TOKENS: tokens.client,
    CHECK_VERSION: 'false',
    SEND_TELEMETRY: 'false',
  }
  let running: ChildProcess | undefined

  const server: UnleashServer = {
    url,
    clientToken: tokens.client,
    ...unleashAdmin(url, tokens.admin),
    async start() {
      running ??= await startProcess(env)
    },
    async stop() {
      const child = running
      running = undefined
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.ref()
      child.stdin?.end()
      await exited
    },
  }
  if (started) await server.start()
  return server
}

function startProcess(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./unleash-process.mjs', import.meta.url))
  const child = spawn(process.execPath, [script], { env, detached: true, stdio: ['pipe', 'ignore', 'pipe', 'ipc'] })
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-8_000)
    })
    child.stdin?.on('error', () => {})
    child.once('error', reject)
    // What it has said may come behind its exit.
    child.once('close', (code) => reject(new Error(`unleash-server ended with ${code} while starting:\n${said}`)))
    child.once('message', () => {
      child.disconnect()
      child.unref()
      for (const stream of [child.stdin, child.stderr]) (stream as { unref?(): void } | null)?.unref?.()
      resolve(child)
    })
  })
}
