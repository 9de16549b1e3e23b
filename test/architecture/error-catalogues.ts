import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { packages, ROOT } from './workspace.ts'

export interface Catalogue {
  /** The package's folder. */
  readonly folder: string
  readonly name: string
  readonly errors: Readonly<Record<string, { readonly what: string }>>
}

/** The catalogue of every package that has one: the export `…_ERRORS` of its `error-catalogue.ts`. */
export async function errorCatalogues(): Promise<readonly Catalogue[]> {
  const found = packages.map(async ({ folder }) => {
    const file = join(ROOT, 'packages', folder, 'src/error-catalogue.ts')
    if (!existsSync(file)) return []
    const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, Catalogue['errors']>>
    return Object.entries(module)
      .filter(([name]) => name.endsWith('_ERRORS'))
      .map(([name, errors]) => ({ folder, name, errors }))
  })
  return (await Promise.all(found)).flat()
}
