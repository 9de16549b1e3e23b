import type { DataSource, DataSourceOptions, EntityMetadata } from 'typeorm'
import * as typeorm from 'typeorm'
import { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { typeormError } from './typeorm-error.ts'

// All that differs between TypeORM 0.3 and 1: what is a data source in 1 is called a connection in 0.3.

/** The options of a DataSource for PostgreSQL. TypeORM 1 has a name for them, 0.3 has another. */
export type MigratingDataSourceOptions = Extract<DataSourceOptions, { readonly type: 'postgres' }>

/** There is none before 0.3, and what is to be refused by name has to be loaded first. */
export const BaseDataSource: typeof DataSource =
  (typeorm as Partial<typeof typeorm>).DataSource ?? (class {} as unknown as typeof DataSource)

/**
 * By a type that came with 0.3.20: nothing that is loaded says its version, and a bundle has no package.json.
 * @throws EC_TYPEORM_VERSION
 */
export function refuseOlder({ driver }: Partial<DataSource>): void {
  if (driver?.supportedDataTypes.includes('int4multirange')) return
  throw typeormError('EC_TYPEORM_VERSION', {
    message: 'The TypeORM that this program has loaded is older than 0.3.20.',
    hint: 'Update it, to the newest 0.3 (`npm install typeorm@0.3`) or to 1.x. `npm ls typeorm` tells what brings the older one.',
  })
}

interface OfDataSource {
  readonly connection: DataSource
  readonly dataSource?: DataSource
}

export function dataSourceOf(metadata: EntityMetadata): DataSource {
  const { dataSource, connection }: OfDataSource = metadata
  return dataSource ?? connection
}

/** A driver that tells what it makes of another DataSource than its own. */
export function driverOf(dataSource: DataSource): DataSource['driver'] {
  const value = { value: dataSource }
  return Object.create(dataSource.driver, { dataSource: value, connection: value })
}

type ColumnParts = ConstructorParameters<typeof ColumnMetadata>[0]

/** The metadata of a column, built. */
export function columnMetadata(parts: Omit<ColumnParts, 'connection'>): ColumnMetadata {
  const connection = dataSourceOf(parts.entityMetadata)
  const withConnection = { ...parts, connection }
  return new ColumnMetadata(withConnection).build(connection)
}
