export { TYPEORM_ERRORS, type TypeormErrorCode } from './error-catalogue.ts'
export { MigratingColumn } from './migrating-column.ts'
export type {
  MappingSql,
  MappingsSql,
  MigratingColumnOptions,
  MigratingField,
  MigratingFrom,
  MigratingTo,
  OtherColumn,
} from './migrating-column-options.ts'
export { MigratingDataSource, type MigratingRuntimeOptions } from './migrating-data-source.ts'
export { migratingSchema } from './migrating-schema.ts'
export type { MigratingDataSourceOptions } from './typeorm-versions.ts'
