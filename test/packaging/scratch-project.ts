import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Manifest, publicPackages, ROOT } from '../architecture/workspace.ts'
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
  const packed = await pack(pnpm, join(folder, 'tarballs'))
  const installed = packed.map(({ name, filename }) => ({
    name,
    tarball: filename,
    folder: join(folder, 'node_modules', name),
  }))
  await writeFile(join(folder, 'package.json'), JSON.stringify(await manifestOf(installed), null, 2))
  await runCommand(folder, 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline')
  return installed
}

async function pack(pnpm: string, destination: string): Promise<readonly { name: string; filename: string }[]> {
  const filters = publicPackages.map(({ manifest }) => `--filter=${manifest.name}`)
  const args = ['--recursive', ...filters, 'pack', '--json', '--pack-destination', destination]
  return JSON.parse(await runCommand(ROOT, 'npx', '--yes', pnpm, ...args)) as { name: string; filename: string }[]
}

async function pinnedPnpm(): Promise<string> {
  const { packageManager } = await manifestIn('.')
  if (packageManager === undefined) throw new Error('package.json does not say which pnpm it is for')
  return packageManager
}

const manifestIn = async (folder: string): Promise<Manifest & { readonly packageManager?: string }> =>
  JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'))

/** In the project alone: the repository uses none of them. */
const BUNDLERS = { '@swc/core': '1.16.22', esbuild: '0.28.2', 'swc-loader': '0.2.7', tsup: '9.0.0', webpack: '5.113.0' }

/** What loads the TypeScript of users for the command line. */
const LOADERS = { '@swc-node/register': '1.12.1', tsx: '4.23.15' }

/** Peers and types at the versions that the workspace tests with, NestJS and bundlers; everything else as the packages ask for it. */
async function manifestOf(packed: readonly PackedPackage[]): Promise<object> {
  const peers = publicPackages.flatMap(({ manifest }) => [
    ...Object.keys(manifest.peerDependencies ?? {}).map((peer) => [peer, manifest.devDependencies?.[peer]] as const),
    ...Object.entries(manifest.devDependencies ?? {}).filter(([name]) => name.startsWith('@types/')),
  ])
  const { devDependencies = {} } = await manifestIn('.')
  const { devDependencies: ofTests = {} } = await manifestIn('test')
  const nest = await manifestIn('test/packaging/nest-app')
  return {
    private: true,
    dependencies: {
      ...Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`])),
      ...Object.fromEntries(peers),
      '@types/node': devDependencies['@types/node'],
      'typeorm-0.3': ofTests['typeorm-0.3'],
      ...nest.dependencies,
      ...nest.devDependencies,
      ...BUNDLERS,
      ...LOADERS,
    },
  }
}
