import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

const GENERATED = new Set(['node_modules', 'dist', 'coverage', '.git', '.vitest'])

/** Folders of projects come and go while other tests run. */
const isWritten = ({ name }: { readonly name: string }): boolean =>
  !(GENERATED.has(name) || name.startsWith('.project-'))

/** Every file of the repository that somebody wrote, relative to the root. Git is not asked, so that an unpacked archive is checked as well. */
export function repositoryFiles(): readonly string[] {
  return readdirSync(ROOT, { recursive: false, withFileTypes: true })
    .filter(isWritten)
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(entry.name) : [entry.name]))
    .filter((file) => !/\.(?:tgz|tsbuildinfo)$|(?:^|\/)\.DS_Store$/u.test(file))
    .sort()
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(isWritten)
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      return entry.isDirectory() ? filesUnder(path) : [path]
    })
}

export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly description?: string
  readonly license?: string
  readonly type?: string
  readonly engines?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly exports?: Readonly<Record<string, unknown>>
  readonly publishConfig?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export interface Package {
  /** The folder's name: `core`. */
  readonly folder: string
  readonly manifest: Manifest
  /** What is published: sources without tests, relative to the root. */
  readonly sources: readonly string[]
}

export const packages: readonly Package[] = readdirSync(join(ROOT, 'packages'))
  .filter((folder) => existsSync(join(ROOT, 'packages', folder, 'package.json')))
  .map((folder) => ({
    folder,
    manifest: JSON.parse(read(`packages/${folder}/package.json`)) as Manifest,
    sources: globSync('src/**/*.ts', { cwd: join(ROOT, 'packages', folder) })
      .filter((file) => !file.endsWith('.test.ts'))
      .map((file) => relative(ROOT, join(ROOT, 'packages', folder, file)).replaceAll('\\', '/')),
  }))

export const publicPackages: readonly Package[] = packages.filter(({ manifest }) => manifest.private !== true)

/** The specifiers a source file imports from, also dynamically. */
export function importsOf(file: string): readonly string[] {
  const text = read(file)
  const declared = text.matchAll(/^(?:import|export)\s(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gmu)
  const called = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/gu)
  return [...declared, ...called].flatMap((match) => match[1] ?? [])
}

/** `@scope/name` or `name` of a specifier that is not relative. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
