import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createRuntime, type Migration } from '@expand-contract/core'
import { cliError } from '../cli-error.ts'
import { loadModule } from './load-module.ts'
import type { ParsedConfig } from './parse-config.ts'

/**
 * The migrations that the configuration leads to: exports of a module, columns of a Drizzle schema, entities of a TypeORM data source. It
 * connects to nothing.
 * @throws EC_CONFIG_LOAD, EC_DECLARATIONS, and what declaring raises
 */
export async function readDeclarations(
  config: ParsedConfig,
  { mayBeNone = false }: { readonly mayBeNone?: boolean } = {},
): Promise<readonly Migration[]> {
  const folder = config.file === undefined ? '.' : dirname(config.file)
  const load = (file: string, decorators: boolean) =>
    loadModule({ file: resolve(folder, file), loader: config.loader, decorators })
  const found = [
    ...(config.migrations === undefined ? [] : migrationsIn(await load(config.migrations, false))),
    ...(config.drizzle === undefined
      ? []
      : await ofDrizzle(config.drizzle, resolve(folder, config.drizzle.schema), load)),
    ...(config.typeorm === undefined
      ? []
      : await ofTypeorm(await load(config.typeorm.dataSource, true), config.typeorm)),
  ]
  const migrations = [...new Map(found.map((migration) => [migration.id, migration])).values()]
  if (migrations.length === 0 && mayBeNone) return []
  if (migrations.length === 0)
    throw cliError('EC_DECLARATIONS', {
      message: `${config.file ?? 'The configuration'} leads to no migration.`,
      hint: 'Name the module that exports them as `migrations`, a Drizzle schema as `drizzle.schema`, or a MigratingDataSource as `typeorm.dataSource`.',
    })
  // It checks the set as the application does.
  await (await createRuntime({ migrations })).close()
  return migrations
}

function migrationsIn(module: Readonly<Record<string, unknown>>): readonly Migration[] {
  return Object.values(module)
    .flatMap((value) => (Array.isArray(value) ? value : [value]))
    .filter(isMigration)
}

const isMigration = (value: unknown): value is Migration =>
  typeof value === 'object' &&
  value !== null &&
  ['id', 'table', 'old', 'new', 'forward', 'backward'].every((key) => key in value)

type Load = (file: string, decorators: boolean) => Promise<Readonly<Record<string, unknown>>>

/** The package is the user's copy, by which the tables were made. */
async function ofDrizzle(
  { schema, casing }: NonNullable<ParsedConfig['drizzle']>,
  file: string,
  load: Load,
): Promise<readonly Migration[]> {
  const path = createRequire(file).resolve('@expand-contract/drizzle')
  const { migrationsOf } = (await import(pathToFileURL(path).href)) as {
    readonly migrationsOf: (schema: object, options: object) => readonly Migration[]
  }
  return migrationsOf(await load(schema, false), casing === undefined ? {} : { casing })
}

interface DeclaringDataSource {
  declaredMigrations(): Promise<readonly Migration[]>
}

async function ofTypeorm(
  module: Readonly<Record<string, unknown>>,
  { dataSource }: NonNullable<ParsedConfig['typeorm']>,
): Promise<readonly Migration[]> {
  const source = [module, module.default]
    .flatMap((each) => (typeof each === 'object' && each !== null ? [each, ...Object.values(each)] : []))
    .find(isDeclaring)
  if (source !== undefined) return source.declaredMigrations()
  throw cliError('EC_DECLARATIONS', {
    message: `${dataSource} exports no MigratingDataSource.`,
    hint: 'Export the one that the application uses: export const dataSource = new MigratingDataSource({ ... }).',
  })
}

const isDeclaring = (value: unknown): value is DeclaringDataSource =>
  typeof value === 'object' && value !== null && 'declaredMigrations' in value
