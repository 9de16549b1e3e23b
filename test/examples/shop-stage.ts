import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const EXAMPLE = join(import.meta.dirname, '../../examples/drizzle-shop')

/** The diffs that the example's README shows, in their order. */
export const readmeDiffs = (): readonly string[] =>
  [...readFileSync(join(EXAMPLE, 'README.md'), 'utf8').matchAll(/^```diff\n([\s\S]*?)^```/gmu)].flatMap(
    ([, diff]) => diff ?? [],
  )

type Sign = '+' | '-'

const side = (hunk: string, sign: Sign): string =>
  hunk
    .split('\n')
    .filter((line) => line.startsWith(sign) || line.startsWith(' '))
    .map((line) => `${line.slice(1)}\n`)
    .join('')

/** Applies a diff to a text, or takes it back; every hunk must be found. */
export function patch(text: string, diff: string, direction: 'apply' | 'revert'): string {
  const [from, to]: readonly [Sign, Sign] = direction === 'apply' ? ['-', '+'] : ['+', '-']
  return diff.split(/^@@\n/mu).reduce((patched, hunk) => {
    const before = side(hunk, from)
    if (!patched.includes(before)) throw new Error(`The README's diff does not fit the schema:\n${before}`)
    return patched.replace(before, () => side(hunk, to))
  }, text)
}

/** The environment of the example's programs. */
export type ShopEnvironment = Readonly<Record<'DATABASE_URL' | 'UNLEASH_URL' | 'UNLEASH_TOKEN', string>>

/** How the service is started: with `open` the flags decide what is read. */
export type ReadSwitch = 'open' | 'closed'

/** A running service. */
export interface RunningShop {
  readonly url: string
  stop(): Promise<void>
}

/** A copy of the example as it is in one stage. */
export class ShopStage {
  readonly folder = mkdtempSync(join(tmpdir(), 'ec-drizzle-shop-'))
  readonly #env: NodeJS.ProcessEnv

  constructor(env: ShopEnvironment, schema: (text: string) => string = (text) => text) {
    this.#env = {
      ...process.env,
      ...env,
      PORT: '0',
      NODE_OPTIONS: '--conditions=@expand-contract/source',
      NO_COLOR: '1',
    }
    cpSync(EXAMPLE, this.folder, { recursive: true, filter: (path) => !path.includes('node_modules') })
    symlinkSync(join(EXAMPLE, 'node_modules'), join(this.folder, 'node_modules'), 'dir')
    const file = join(this.folder, 'src/schema.ts')
    writeFileSync(file, schema(readFileSync(file, 'utf8')))
  }

  /** Leaves the first migrations alone in the folder. */
  keepMigrations(count: number): void {
    const file = join(this.folder, 'migrations/meta/_journal.json')
    const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: unknown[] }
    writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }))
  }

  async migrate(): Promise<void> {
    await this.#run('src/migrate.ts')
  }

  async backfill(): Promise<void> {
    await this.#run('src/backfill.ts')
  }

  generate(): Promise<string> {
    return this.#run(join(this.folder, 'node_modules/drizzle-kit/bin.cjs'), 'generate', '--name=next')
  }

  /** The service's own tests against a running service; throws with what they print. */
  async test(shop: RunningShop): Promise<void> {
    const { NODE_OPTIONS: _, ...env } = this.#env
    await promisify(execFile)(process.execPath, ['--test', 'test/shop.test.ts'], {
      cwd: this.folder,
      env: { ...env, NODE_TEST_CONTEXT: undefined, SHOP_URL: shop.url },
    }).catch((error: { stdout?: string }) => {
      throw new Error(`The shop's own tests failed:\n${error.stdout}`, { cause: error })
    })
  }

  async start(readSwitch: ReadSwitch = 'closed'): Promise<RunningShop> {
    const child: ChildProcess = spawn(process.execPath, ['src/main.ts'], {
      cwd: this.folder,
      env: { ...this.#env, READ_SWITCH: readSwitch },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = once(child, 'exit')
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        const [address] = /http:\S+/u.exec(text) ?? []
        if (address !== undefined) resolve(address)
      })
      child.once('exit', () => reject(new Error('The shop did not start')))
    })
    return {
      url,
      async stop() {
        child.kill('SIGTERM')
        await ended
      },
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }

  async #run(program: string, ...args: readonly string[]): Promise<string> {
    const options = { cwd: this.folder, env: this.#env }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, ...args], options)
    return stdout + stderr
  }
}
