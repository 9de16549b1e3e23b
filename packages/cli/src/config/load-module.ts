import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ExpandContractError } from '@expand-contract/core'
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
  if ((loader === 'tsx' || loader === 'swc') && registerOf(loader, module.file) === undefined)
    throw cliError('EC_CONFIG_LOAD', {
      message: `${module.file} is to be loaded by ${NAMES[loader]} (\`loader: '${loader}'\`), which is not installed where it is.`,
      hint: `Add it to the project: npm install --save-dev ${PACKAGES[loader]}; or choose another \`loader\`: auto, native or jiti.`,
    })
  try {
    return await LOADERS[loader](module.file)
  } catch (cause) {
    // It was loaded, and says itself what is wrong with what it declares.
    if (ExpandContractError.isInstance(cause))
      throw cliError('EC_CONFIG_LOAD', {
        message: `${module.file} declares what cannot be: ${cause.message}`,
        hint: 'Mend it there. Nothing was sent.',
        cause,
      })
    throw cliError('EC_CONFIG_LOAD', {
      message: `${module.file} could not be loaded (by ${NAMES[loader]}): ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'See `cause`. `loader` of the configuration chooses another way: native, jiti, tsx or swc.',
      cause,
    })
  }
}

const NAMES: Readonly<Record<Loader, string>> = { native: 'Node', jiti: 'jiti', tsx: 'tsx', swc: '@swc-node/register' }

const PACKAGES: Readonly<Record<'tsx' | 'swc', string>> = { tsx: 'tsx', swc: '@swc-node/register @swc/core' }

/** What the project resolves, as `require` does; of @swc-node/register the module beside it, which has a name for `import` alone. */
const REGISTERS: Readonly<Record<'tsx' | 'swc', readonly [specifier: string, beside?: string]>> = {
  tsx: ['tsx/esm/api'],
  swc: ['@swc-node/register', 'esm/esm-register.mjs'],
}

/** Bun and Deno load TypeScript by themselves. */
const loadsTypeScript = 'Bun' in globalThis || 'Deno' in globalThis

function loaderFor({ file, loader, decorators }: LoadModule): Loader {
  if (loader !== 'auto') return loader
  if (loadsTypeScript || !/\.[cm]?ts$/u.test(file)) return 'native'
  if (!decorators) return 'jiti'
  const found = (['swc', 'tsx'] as const).find((each) => registerOf(each, file) !== undefined)
  if (found !== undefined) return found
  throw cliError('EC_CONFIG_LOAD', {
    message: `${file} has decorators, and neither Node nor jiti loads those of TypeORM.`,
    hint: `Name the compiled module (dist/data-source.js); or add a loader to the project: npm install --save-dev ${PACKAGES.swc}; or add tsx, and write the type of each column into its @Column.`,
  })
}

/** The URL of what makes Node load TypeScript; undefined where the project of the file does not have it. */
function registerOf(loader: 'tsx' | 'swc', file: string): string | undefined {
  const [specifier, beside] = REGISTERS[loader]
  try {
    const found = createRequire(file).resolve(specifier)
    return pathToFileURL(beside === undefined ? found : join(dirname(found), beside)).href
  } catch {
    return undefined
  }
}

const importFile = async (file: string): Promise<Readonly<Record<string, unknown>>> =>
  (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>

const LOADERS: Readonly<Record<Loader, (file: string) => Promise<Readonly<Record<string, unknown>>>>> = {
  native: importFile,
  // Its cache would be executable text in the system's folder for temporary files, which others may write.
  jiti: (file) => createJiti(file, { tsconfigPaths: true, moduleCache: true, fsCache: false }).import(file),
  async tsx(file) {
    const { register } = (await import(registerOf('tsx', file) ?? '')) as {
      readonly register: () => unknown
    }
    register()
    return importFile(file)
  },
  async swc(file) {
    await import(registerOf('swc', file) ?? '')
    return importFile(file)
  },
}
