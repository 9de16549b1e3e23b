import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Config } from '@expand-contract/cli'
import { run } from '../../packages/cli/src/run.ts'

export interface CliAnswer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** The lines of stdout as JSON. */
  readonly json: () => readonly Readonly<Record<string, unknown>>[]
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Called with what sends a signal, once the command listens. */
  readonly onListen?: (send: (signal: 'SIGINT' | 'SIGTERM') => void) => void
}

/** Runs the command line in this process, without a terminal. */
export async function runCli(
  args: readonly string[],
  { env = {}, cwd = '/', onListen }: CliOptions = {},
): Promise<CliAnswer> {
  const written = { stdout: '', stderr: '' }
  const collect = (name: 'stdout' | 'stderr') => ({
    write(text: string) {
      written[name] += text
    },
  })
  const code = await run(args, {
    ...{ stdin: new PassThrough(), stdout: collect('stdout'), stderr: collect('stderr'), env, cwd },
    ...{ user: 'dana', host: 'ops-2', pid: 90_211 },
    onSignal(listener) {
      onListen?.(listener)
      return () => undefined
    },
  })
  return {
    ...{ code, ...written },
    json: () =>
      written.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
  }
}

export interface CliProject extends AsyncDisposable {
  readonly folder: string
  run(args: readonly string[], options?: Omit<CliOptions, 'cwd'>): Promise<CliAnswer>
}

/** A folder within the tests, so that packages are found, with a configuration and declarations. */
export async function cliProject(url: string, declarations: string, more: Config = {}): Promise<CliProject> {
  const folder = await mkdtemp(join(import.meta.dirname, '.project-'))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'migrations.js'), declarations)
  const config: Config = { migrations: './migrations.js', ...more }
  await writeFile(join(folder, 'expand-contract.config.js'), `export default ${JSON.stringify(config)}\n`)
  return {
    folder,
    run: (args, { env = {}, ...options } = {}) =>
      runCli(args, { ...options, cwd: folder, env: { DATABASE_URL: url, ...env } }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
