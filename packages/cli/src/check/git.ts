import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cliError } from '../cli-error.ts'

/** A file that the change adds or edits. */
export interface ChangedFile {
  /** From the root of the repository on, with slashes. */
  readonly path: string
  readonly text: string
  /** How it was before; undefined for a file that is new. */
  readonly before: string | undefined
}

/** What the working tree, uncommitted files included, has changed since it left its base. */
export interface Change {
  readonly root: string
  /** The commit that both have in common. */
  readonly base: string
  readonly files: readonly ChangedFile[]
  /** Paths that are gone. */
  readonly deleted: readonly string[]
  /** Paths of the repository that the change leaves alone. */
  readonly untouched: readonly string[]
}

const run = promisify(execFile)

/** Calls git. Its variables, which a hook sets, would lead it elsewhere. */
async function git(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')))
  const { stdout } = await run('git', args as string[], {
    ...{ cwd, maxBuffer: 1 << 30, encoding: 'utf8' as const },
    env: { ...own, LC_ALL: 'C', ...env },
  })
  return stdout
}

/** @throws EC_CHECK_BASE */
export async function readChange(cwd: string, base: string, isWanted: (path: string) => boolean): Promise<Change> {
  const root = (await attempt(cwd, ['rev-parse', '--show-toplevel']))?.trim()
  if (root === undefined)
    throw cliError('EC_CHECK_BASE', {
      message: `${cwd} is in no repository of git.`,
      hint: '`check` compares a change with its base, which git knows.',
    })
  const common = (await attempt(root, ['merge-base', base, 'HEAD']))?.trim()
  if (common === undefined || common === '')
    throw cliError('EC_CHECK_BASE', {
      message: `git knows no commit that ${base} and HEAD have in common.`,
      hint: 'Fetch it: `git fetch origin`, with the history (actions/checkout: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`); or name another: --base.',
    })
  const names = namesAndStatus(await git(root, ['diff', '--name-status', '-z', '--no-renames', common]))
  const added = zeroTerminated(await git(root, ['ls-files', '-z', '--others', '--exclude-standard']))
  const before = new Set(zeroTerminated(await git(root, ['ls-tree', '-r', '-z', '--name-only', common])))
  const deleted = names.filter(({ status }) => status === 'D').map(({ path }) => path)
  const changed = [
    ...new Set([...names.filter(({ status }) => status !== 'D').map(({ path }) => path), ...added]),
  ].sort()
  const files: ChangedFile[] = []
  for (const path of changed.filter(isWanted)) {
    const text = await readFile(join(root, path), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    files.push({ path, text, before: before.has(path) ? await git(root, ['show', `${common}:${path}`]) : undefined })
  }
  const touched = new Set([...changed, ...deleted])
  return { root, base: common, files, deleted, untouched: [...before].filter((path) => !touched.has(path)) }
}

/** A file as it was at a commit; undefined where it was not there. */
export const readAt = (root: string, commit: string, path: string): Promise<string | undefined> =>
  attempt(root, ['show', `${commit}:${path}`])

export async function pathsAt(root: string, commit: string, folder: string): Promise<readonly string[]> {
  const tree = await attempt(root, ['ls-tree', '-r', '-z', '--name-only', commit, '--', folder])
  return zeroTerminated(tree ?? '')
}

/** Writes the files of a commit into a folder, and changes nothing in the repository. */
export async function writeTree(root: string, commit: string, folder: string): Promise<void> {
  const env = { GIT_INDEX_FILE: join(folder, '.index') }
  await git(root, ['read-tree', commit], env)
  await git(root, ['checkout-index', '--all', `--prefix=${folder}/`], env)
}

/** What a change is compared with where nobody says: what CI names, else the main branch. */
export async function baseOf(cwd: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const named = env.GITHUB_BASE_REF || env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME || env.BITBUCKET_PR_DESTINATION_BRANCH
  const candidates = named
    ? [`origin/${named}`, named]
    : ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']
  for (const each of candidates)
    if ((await attempt(cwd, ['rev-parse', '--verify', '--quiet', `${each}^{commit}`])) !== undefined) return each
  throw cliError('EC_CHECK_BASE', {
    message: `git knows none of ${candidates.join(', ')}.`,
    hint: 'Name the branch that the change goes to: --base origin/main.',
  })
}

const attempt = (cwd: string, args: readonly string[]): Promise<string | undefined> =>
  git(cwd, args).catch(() => undefined)

const zeroTerminated = (text: string): readonly string[] => text.split('\0').filter((each) => each !== '')

function namesAndStatus(text: string): readonly { readonly status: string; readonly path: string }[] {
  const parts = zeroTerminated(text)
  return parts.flatMap((path, index) => (index % 2 === 0 ? [] : { status: (parts[index - 1] ?? '').charAt(0), path }))
}
