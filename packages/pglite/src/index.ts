export { PGLITE_ERRORS, type PGliteErrorCode } from './error-catalogue.ts'
export { type InstrumentedPGliteOptions, instrumentedPGlite } from './instrumented-pglite.ts'
