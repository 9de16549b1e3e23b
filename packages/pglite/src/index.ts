export {
  type CatalogOptions,
  type CheckOptions,
  SESSION_ERRORS,
  type SessionErrorCode,
  StatementRefusedError,
} from '@expand-contract/session'
export { checkMigrations } from './check-migrations.ts'
export { PGLITE_ERRORS, type PGliteErrorCode } from './error-catalogue.ts'
export { type InstrumentedPGliteOptions, instrumentedPGlite } from './instrumented-pglite.ts'
export type { PGliteLike } from './pglite-internals.ts'
