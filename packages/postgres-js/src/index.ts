export {
  type CatalogOptions,
  type CheckOptions,
  SESSION_ERRORS,
  type SessionErrorCode,
  StatementRefusedError,
} from '@expand-contract/session'
export { checkMigrations } from './check-migrations.ts'
export { POSTGRES_JS_ERRORS, type PostgresJsErrorCode } from './error-catalogue.ts'
export { type InstrumentedSqlOptions, instrumentedSql } from './instrumented-sql.ts'
