import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { createJiti } from 'jiti'
import { cliError } from '../cli-error.ts'
import type { Config } from './config.ts'

type Loader = 'native' | 'jiti' | 'tsx' | 'swc'

export interface LoadModule {
  readonly file: string
  readonly loader: NonNullable<Config['loader']>
  /** It may have decorators, which neither Node nor jiti takes. */
  readonly decorators: boolean
}

/**
 * The exports of a module of the user's. Which loader it takes is decided before anything is loaded, so that no module is
 * evaluated twice.
 * @throws EC_CONFIG_LOAD
 */
export async function loadModule(module: LoadModule): Promise<Readonly<Record<string, unknown>>> {
  const loader = loaderFor(module)
  if ((loader === 'tsx' || loader === 'swc') && !isInstalled(REGISTERS[loader], module.file))
    throw cliError('EC_CONFIG_LOAD', {
      message: `${module.file} is to be loaded by ${NAMES[loader]} (\`loader: '${loader}'\`), which is not installed where it is.`,
      hint: `Add it to the project: npm install --save-dev ${PACKAGES[loader]}; or choose another \`loader\`: auto, native or jiti.`,
    })
  try {
    return await LOADERS[loader](module.file)
  } catch (cause) {
    throw cliError('EC_CONFIG_LOAD', {
      message: `${module.file} could not be loaded (by ${NAMES[loader]}): ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'See `cause`. `loader` of the configuration chooses another way: native, jiti, tsx or swc.',
      cause,
    })
  }
}

const NAMES: Readonly<Record<Loader, string>> = { native: 'Node', jiti: 'jiti', tsx: 'tsx', swc: '@swc-node/register' }

const PACKAGES: Readonly<Record<'tsx' | 'swc', string>> = { tsx: 'tsx', swc: '@swc-node/register @swc/core' }

const REGISTERS: Readonly<Record<'tsx' | 'swc', string>> = {
  tsx: 'tsx/esm/api',
  swc: '@swc-node/register/esm-register',
}

/** Bun and Deno load TypeScript by themselves. */
const loadsTypeScript = 'Bun' in globalThis || 'Deno' in globalThis

function loaderFor({ file, loader, decorators }: LoadModule): Loader {
  if (loader !== 'auto') return loader
  if (loadsTypeScript || !/\.[cm]?ts$/u.test(file)) return 'native'
  if (!decorators) return 'jiti'
  const found = (['swc', 'tsx'] as const).find((each) => isInstalled(REGISTERS[each], file))
  if (found !== undefined) return found
  throw cliError('EC_CONFIG_LOAD', {
    message: `${file} has decorators, and neither Node nor jiti loads those of TypeORM.`,
    hint: `Name the compiled module (dist/data-source.js); or add a loader to the project: npm install --save-dev ${PACKAGES.swc}; or add tsx, and write the type of each column into its @Column.`,
  })
}

function isInstalled(specifier: string, file: string): boolean {
  try {
    createRequire(file).resolve(specifier)
    return true
  } catch {
    return false
  }
}

const importFile = async (file: string): Promise<Readonly<Record<string, unknown>>> =>
  (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>

const LOADERS: Readonly<Record<Loader, (file: string) => Promise<Readonly<Record<string, unknown>>>>> = {
  native: importFile,
  // Its cache would be executable text in the system's folder for temporary files, which others may write.
  jiti: (file) => createJiti(file, { tsconfigPaths: true, moduleCache: true, fsCache: false }).import(file),
  async tsx(file) {
    const { register } = (await import(pathToFileURL(createRequire(file).resolve(REGISTERS.tsx)).href)) as {
      readonly register: () => unknown
    }
    register()
    return importFile(file)
  },
  async swc(file) {
    await import(pathToFileURL(createRequire(file).resolve(REGISTERS.swc)).href)
    return importFile(file)
  },
}
