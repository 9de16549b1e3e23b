import { join, relative } from 'node:path'
import { type FrontMatter, readFrontMatter } from '../runbook/front-matter.ts'
import { type Change, pathsAt, readAt } from './git.ts'
import { type KnownMigration, ofRunbook } from './known-migration.ts'

/**
 * What the runbooks say, as they were before the change: a change does not vouch for itself. One that is new counts.
 * @param folder where they stand, as a path of the file system
 */
export async function readRunbooks({ root, base, files }: Change, folder: string): Promise<readonly KnownMigration[]> {
  const under = relative(root, folder).replaceAll('\\', '/')
  if (under.startsWith('..')) return []
  const paths = (await pathsAt(root, base, under)).filter((path) => path.endsWith('.md'))
  const before = await Promise.all(paths.map(async (path) => [path, await readAt(root, base, path)] as const))
  const added = files.filter((file) => file.before === undefined && isWithin(file.path, under))
  return [...before, ...added.map(({ path, text }) => [path, text] as const)].flatMap(([path, text]) => {
    const head: FrontMatter | undefined = text === undefined ? undefined : readFrontMatter(text)
    return head === undefined ? [] : ofRunbook(head, path)
  })
}

export const isWithin = (path: string, folder: string): boolean =>
  path.endsWith('.md') && (folder === '' || path.startsWith(`${folder}/`))

/** Where runbooks stand: `runbooks` of the configuration, from its folder on. */
export const runbooksFolder = (folder: string, runbooks: string): string => join(folder, runbooks)
