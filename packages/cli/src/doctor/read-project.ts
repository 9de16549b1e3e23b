import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { ProjectFacts } from '@expand-contract/runner'
import { loadModule } from '../config/load-module.ts'
import type { ParsedConfig } from '../config/parse-config.ts'

/** A Drizzle table, of whichever copy of drizzle-orm: the symbols are registered ones. */
const NAME = Symbol.for('drizzle:Name')
const SCHEMA = Symbol.for('drizzle:Schema')
const COLUMNS = Symbol.for('drizzle:Columns')

interface DrizzleTable {
  readonly [NAME]: string
  readonly [SCHEMA]: string | undefined
  readonly [COLUMNS]: Readonly<Record<string, { readonly name: string; readonly keyAsName?: boolean }>>
}

const isTable = (value: unknown): value is DrizzleTable =>
  typeof value === 'object' && value !== null && NAME in value && COLUMNS in value

const snakeCase = (key: string): string =>
  key
    .replaceAll(/([a-z\d])([A-Z])/gu, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/gu, '$1_$2')
    .toLowerCase()

/**
 * What drizzle-kit and TypeORM would do with the schema, as far as their configuration tells: a drizzle.config beside ours, and the data source that
 * ours names. What cannot be loaded is told to `note`, and is nothing to fail for.
 */
export async function readProject(config: ParsedConfig, note: (text: string) => void): Promise<ProjectFacts> {
  const folder = config.file === undefined ? undefined : dirname(config.file)
  if (folder === undefined) return {}
  const attempt = async <T>(file: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      note(`${file} could not be looked at: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
  const kit = ['ts', 'mts', 'js', 'mjs', 'cjs']
    .map((extension) => join(folder, `drizzle.config.${extension}`))
    .find((file) => existsSync(file))
  const drizzleKit = kit === undefined ? undefined : await attempt(kit, () => readKit(config, folder, kit))
  const source = config.typeorm?.dataSource
  const typeorm = source === undefined ? undefined : await attempt(source, () => readDataSource(config, folder, source))
  return { ...(drizzleKit !== undefined && { drizzleKit }), ...(typeorm !== undefined && { typeorm }) }
}

async function readKit(
  { loader }: ParsedConfig,
  folder: string,
  file: string,
): Promise<ProjectFacts['drizzleKit'] | undefined> {
  const module = await loadModule({ file, loader, decorators: false })
  const { schema, casing } = (module.default ?? module) as {
    readonly schema?: string | readonly string[]
    readonly casing?: string
  }
  const files = [schema ?? []].flat().map((path) => resolve(folder, path))
  // Folders and patterns are for the kit to read.
  if (files.length === 0 || !files.every((path) => existsSync(path) && /\.[cm]?[jt]s$/u.test(path))) return undefined
  const modules = await Promise.all(files.map((path) => loadModule({ file: path, loader, decorators: false })))
  const tables = modules
    .flatMap((each) => [...Object.values(each), ...Object.values(each.default ?? {})])
    .filter(isTable)
  return {
    file: relative(folder, file),
    tables: tables.map((table) => ({
      schema: table[SCHEMA],
      name: table[NAME],
      columns: Object.values(table[COLUMNS]).map(({ name, keyAsName }) =>
        keyAsName === true && casing === 'snake_case' ? snakeCase(name) : name,
      ),
    })),
  }
}

interface SourceLike {
  readonly options: { readonly synchronize?: unknown }
}

const isSource = (value: unknown): value is SourceLike =>
  typeof value === 'object' && value !== null && 'declaredMigrations' in value && 'options' in value

async function readDataSource(
  { loader }: ParsedConfig,
  folder: string,
  source: string,
): Promise<ProjectFacts['typeorm'] | undefined> {
  const module = await loadModule({ file: resolve(folder, source), loader, decorators: true })
  const found = [...Object.values(module), ...Object.values(module.default ?? {})].find(isSource)
  return found === undefined ? undefined : { file: source, synchronize: found.options.synchronize === true }
}
