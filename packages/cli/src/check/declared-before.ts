import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Migration } from '@expand-contract/core'
import { loadModule } from '../config/load-module.ts'
import { parseConfig } from '../config/parse-config.ts'
import { readDeclarations } from '../config/read-declarations.ts'
import { writeTree } from './git.ts'

interface Before {
  readonly root: string
  readonly commit: string
  /** The configuration of now; where it stood then is not asked. */
  readonly config: string
}

/**
 * What was declared at a commit: its files are written beside the modules of now, and loaded.
 * @throws whatever loading raises: modules of then may need packages that are not installed any more
 */
export async function declaredBefore({ root, commit, config }: Before): Promise<readonly Migration[]> {
  const cache = join(root, 'node_modules', '.cache', 'expand-contract')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'base-'))
  try {
    await writeTree(root, commit, folder)
    for (const path of await foldersOfModules(root, folder)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await symlink(join(root, path), join(folder, path), 'junction').catch(() => undefined)
    }
    const file = join(folder, relative(root, config))
    if (!existsSync(file)) return []
    const module = await loadModule({ file, loader: 'auto', decorators: false })
    const parsed = parseConfig(file, 'default' in module ? module.default : module)
    return await readDeclarations(parsed, { mayBeNone: true })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The node_modules of the folders that the commit has: those of a workspace are several. */
async function foldersOfModules(root: string, tree: string): Promise<readonly string[]> {
  const found: string[] = []
  const walk = async (at: string, depth: number): Promise<void> => {
    if (existsSync(join(root, at, 'node_modules'))) found.push(join(at, 'node_modules'))
    if (depth === 0) return
    for (const entry of await readdir(join(tree, at), { withFileTypes: true }))
      if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
        await walk(join(at, entry.name), depth - 1)
  }
  await walk('', 3)
  return found
}
