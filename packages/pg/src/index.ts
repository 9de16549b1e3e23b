export {
  type CatalogOptions,
  type CheckOptions,
  SESSION_ERRORS,
  type SessionErrorCode,
  StatementRefusedError,
} from '@expand-contract/session'
export { checkMigrations, type QueryableLike } from './check-migrations.ts'
export { PG_ERRORS, type PgErrorCode } from './error-catalogue.ts'
export type { InstrumentOptions } from './instrument-options.ts'
export { instrumentedClient } from './instrumented-client.ts'
export { instrumentedPool } from './instrumented-pool.ts'
export type { PgModule } from './pg-internals.ts'
