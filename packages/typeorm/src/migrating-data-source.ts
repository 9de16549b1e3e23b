import {
  createRuntime,
  type FlagContext,
  type Migration,
  type Runtime,
  type RuntimeOptions,
} from '@expand-contract/core'
import type { CatalogOptions } from '@expand-contract/pg'
import type { DataSourceOptions } from 'typeorm'
import { markAsMigrating } from './declaration-marker.ts'
import { fieldMigration } from './field-migration.ts'
import { clientFor } from './instrumented-driver.ts'
import { type DeclaredField, takeFields } from './migrating-fields.ts'
import { migratingSchemaBuilder } from './schema-builder.ts'
import { typeormError } from './typeorm-error.ts'
import { BaseDataSource, type MigratingDataSourceOptions, refuseOlder } from './typeorm-versions.ts'

export interface MigratingRuntimeOptions extends Partial<RuntimeOptions>, CatalogOptions {
  /** Migrations of tables that no entity maps, besides those that entities declare. @defaultValue none */
  readonly migrations?: readonly Migration[]
}

/**
 * A TypeORM DataSource whose statements pass the migrations that its entities declare.
 *
 * ```ts
 * export const dataSource = new MigratingDataSource({ type: 'postgres', url, entities: [User] }, { flags: unleashFlags(unleash) })
 * await dataSource.initialize()
 * await dataSource.withContext({ userId: '42' }, () => dataSource.getRepository(User).findBy({ name: Like('Ada%') }))
 * ```
 *
 * All of DataSource is as before. `initialize` builds the metadata, then starts flags and phases, then connects; `destroy`
 * stops them again.
 * @throws EC_TYPEORM_DRIVER, EC_TYPEORM_VERSION; from `initialize`: EC_TYPEORM_COLUMN, EC_DRIVER, and what createRuntime and defineMigration throw
 */
export class MigratingDataSource extends BaseDataSource {
  readonly #runtimeOptions: MigratingRuntimeOptions
  #fields: readonly DeclaredField[] = []
  #metadataIsBuilt = false
  #runtime: Runtime | undefined
  #initializing: Promise<this> | undefined

  constructor(options: MigratingDataSourceOptions, runtimeOptions: MigratingRuntimeOptions = {}) {
    if ((options.type as DataSourceOptions['type']) !== 'postgres')
      throw typeormError('EC_TYPEORM_DRIVER', {
        message: `A MigratingDataSource is for the type "postgres", not ${JSON.stringify(options.type)}.`,
        hint: 'Use a DataSource of TypeORM for other databases; its entities can have no migrating columns.',
      })
    // A copy, because `initialize` sets an option of it.
    super({ ...options })
    refuseOlder(this)
    this.#runtimeOptions = runtimeOptions
    markAsMigrating(this)
    const { driver } = this
    const createSchemaBuilder = driver.createSchemaBuilder
    driver.createSchemaBuilder = () => migratingSchemaBuilder(this, this.#fields, createSchemaBuilder)
  }

  /**
   * The migrations with their flags and phases, for whatever else sends statements to this database.
   * @throws EC_TYPEORM_NOT_INITIALIZED
   */
  get runtime(): Runtime {
    if (this.#runtime === undefined)
      throw typeormError('EC_TYPEORM_NOT_INITIALIZED', {
        message: 'The runtime of a MigratingDataSource exists from `initialize` to `destroy`.',
        hint: 'Await `dataSource.initialize()` first.',
      })
    return this.#runtime
  }

  /**
   * The migrations that entities and options declare, for tools such as the command line. It connects to nothing, and needs no `initialize`.
   * @throws EC_TYPEORM_COLUMN, and what defineMigration throws
   */
  async declaredMigrations(): Promise<readonly Migration[]> {
    if (!this.isInitialized) await this.buildMetadatas()
    return [...this.#fields.map(fieldMigration), ...(this.#runtimeOptions.migrations ?? [])]
  }

  /** Runs `fn` as one request: flags are evaluated for `context`, and each migration reads one side throughout. */
  withContext<T>(context: FlagContext, fn: () => T): T {
    return this.runtime.withContext(context, fn)
  }

  /** Several that wait for it at the same time, as requests of a serverless function do, get one start. */
  override initialize(): Promise<this> {
    // It refuses by itself what is initialized already.
    if (this.isInitialized) return super.initialize()
    this.#initializing ??= this.#initialize().finally(() => {
      this.#initializing = undefined
    })
    return this.#initializing
  }

  async #initialize(): Promise<this> {
    this.#metadataIsBuilt = false
    await this.buildMetadatas()
    this.#metadataIsBuilt = true
    const { extra } = this.options
    try {
      const runtime = await this.#start()
      const { catalogRefreshMs } = this.#runtimeOptions
      const Client = clientFor(runtime, this.options as MigratingDataSourceOptions, {
        ...(catalogRefreshMs === undefined ? {} : { catalogRefreshMs }),
      })
      this.setOptions({ extra: { ...extra, Client } })
      return await super.initialize()
    } catch (error) {
      await this.#stop()
      throw error
    } finally {
      this.#metadataIsBuilt = false
      // Pools were made with it; the next `initialize` starts from what was given.
      this.setOptions({ extra })
    }
  }

  override async destroy(): Promise<void> {
    // It refuses by itself what is not initialized, which may be on its way to be.
    if (!this.isInitialized) return super.destroy()
    try {
      await super.destroy()
    } finally {
      await this.#stop()
    }
  }

  /** TypeORM builds them once it is connected; here they are needed before, and are not built twice. */
  protected override async buildMetadatas(): Promise<void> {
    if (this.#metadataIsBuilt) return
    await super.buildMetadatas()
    this.#fields = takeFields(this.entityMetadatas)
  }

  async #start(): Promise<Runtime> {
    const { migrations = [], flags, phases, observer } = this.#runtimeOptions
    this.#runtime = await createRuntime({
      migrations: [...this.#fields.map(fieldMigration), ...migrations],
      ...(flags === undefined ? {} : { flags }),
      ...(phases === undefined ? {} : { phases }),
      ...(observer === undefined ? {} : { observer }),
    })
    return this.#runtime
  }

  async #stop(): Promise<void> {
    const runtime = this.#runtime
    this.#runtime = undefined
    await runtime?.close()
  }
}
