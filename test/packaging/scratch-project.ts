import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publicPackages, ROOT } from '../architecture/workspace.ts'
import { runCommand } from './run-command.ts'

export interface PackedPackage {
  readonly name: string
  readonly tarball: string
  /** Where npm has installed it. */
  readonly folder: string
}

/** A project of a user: outside of the repository, with every package installed by npm from its packed tarball. */
export interface ScratchProject extends AsyncDisposable {
  readonly folder: string
  readonly packages: readonly PackedPackage[]
}

export async function createScratchProject(): Promise<ScratchProject> {
  const folder = await mkdtemp(join(tmpdir(), 'expand-contract-packed-'))
  const project = { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
  try {
    return { ...project, packages: await install(folder) }
  } catch (error) {
    await project[Symbol.asyncDispose]()
    throw error
  }
}

async function install(folder: string): Promise<PackedPackage[]> {
  const pnpm = await pinnedPnpm()
  await runCommand(ROOT, 'npx', '--yes', pnpm, 'build')
  await mkdir(join(folder, 'tarballs'))
  const packed: PackedPackage[] = []
  for (const { folder: name, manifest } of publicPackages) {
    const cwd = join(ROOT, 'packages', name)
    const out = await runCommand(
      cwd,
      'npx',
      '--yes',
      pnpm,
      'pack',
      '--json',
      '--pack-destination',
      join(folder, 'tarballs'),
    )
    const { filename } = JSON.parse(out) as { filename: string }
    packed.push({ name: manifest.name, tarball: filename, folder: join(folder, 'node_modules', manifest.name) })
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify(await manifestOf(packed), null, 2))
  await runCommand(folder, 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline')
  return packed
}

async function pinnedPnpm(): Promise<string> {
  const { packageManager } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  return packageManager
}

/** Peers and types at the versions that the workspace tests with; everything else as the packages ask for it. */
async function manifestOf(packed: readonly PackedPackage[]): Promise<object> {
  const peers = publicPackages.flatMap(({ manifest }) => [
    ...Object.keys(manifest.peerDependencies ?? {}).map((peer) => [peer, manifest.devDependencies?.[peer]] as const),
    ...Object.entries(manifest.devDependencies ?? {}).filter(([name]) => name.startsWith('@types/')),
  ])
  const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  return {
    private: true,
    dependencies: {
      ...Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`])),
      ...Object.fromEntries(peers),
      '@types/node': devDependencies['@types/node'],
    },
  }
}
