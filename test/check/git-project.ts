import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type CliAnswer, type CliOptions, runCli } from '../cli/run-cli.ts'

export interface GitProject extends AsyncDisposable {
  readonly folder: string
  write(files: Readonly<Record<string, string>>): Promise<void>
  git(...args: readonly string[]): string
  commit(files: Readonly<Record<string, string>>): Promise<void>
  run(args: readonly string[], options?: Omit<CliOptions, 'cwd'>): Promise<CliAnswer>
}

const CONFIG = `export default { migrations: './src/migrations.js' }\n`

export const DECLARED = `import { renameColumn } from '@expand-contract/core'
export const fullName = renameColumn({ table: 'users', from: 'name', to: 'full_name', type: 'text', flag: 'f' })
`

export const UNDECLARED = 'export const migrations = []\n'

/** A repository within the tests, so that packages are found, whose branch `change` has left `main`. */
export async function gitProject(main: Readonly<Record<string, string>>): Promise<GitProject> {
  const folder = await mkdtemp(join(import.meta.dirname, '.project-'))
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=dana', '-c', 'user.email=dana@example.org', ...args], {
      ...{ cwd: folder, env: own, encoding: 'utf8' },
    })
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
  }
  const commit = async (files: Readonly<Record<string, string>>): Promise<void> => {
    await write(files)
    git('add', '--all')
    git('commit', '--quiet', '--message', 'files')
  }
  git('init', '--quiet', '--initial-branch', 'main')
  await commit({
    ...{ 'package.json': '{"type":"module"}', '.gitignore': 'node_modules\n' },
    ...{ 'expand-contract.config.js': CONFIG },
    ...main,
  })
  git('switch', '--quiet', '--create', 'change')
  return {
    ...{ folder, git, write, commit },
    run: (args, options = {}) => runCli(args, { ...options, cwd: folder }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
