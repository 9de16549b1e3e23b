/// <reference path="./libpg-query-module.d.ts" />
import type createModule from 'libpg-query/wasm/libpg-query.js'

/** All of the parser as code, for a bundle, in whose folder the file of libpg-query is not. */
export interface EmbeddedParser {
  readonly createModule: typeof createModule
  /** WebAssembly, compressed by brotli, as base64. */
  readonly wasm: string
}

/** The build puts it here, and only there: half a megabyte that says nothing to a reader, and no test needs it. */
export const embeddedParser: EmbeddedParser | undefined = undefined
