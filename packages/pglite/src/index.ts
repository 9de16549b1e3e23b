export { checkMigrations } from './check-migrations.ts'
export { PGLITE_ERRORS, type PGliteErrorCode } from './error-catalogue.ts'
export { type InstrumentedPGliteOptions, instrumentedPGlite, type PGliteLike } from './instrumented-pglite.ts'
