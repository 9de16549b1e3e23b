/// <reference path="./libpg-query-module.d.ts" />
// biome-ignore lint/style/noRestrictedImports: the parser's own file is read again where it has to be made anew at once; the package that has it does so only later
import { readFileSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import createModule, { type ParserModule } from 'libpg-query/wasm/libpg-query.js'

/** What instances of the parser are made of. */
export interface FoundParser {
  readonly createModule: typeof createModule
  /** What is to be compiled. */
  readonly binary: () => Uint8Array
  /** An instance that was made in finding it. */
  readonly first?: ParserModule
}

/** The parser where libpg-query is installed; in a bundle, the copy that this package has of it. */
export async function findParser(): Promise<FoundParser> {
  try {
    return await installedParser()
  } catch (cause) {
    return await copiedParser(cause)
  }
}

/** What reads the file is the package itself, wherever a bundler has put it. */
async function installedParser(): Promise<FoundParser> {
  let file = ''
  const first = await createModule({
    locateFile(name, folder) {
      file = folder + name
      return file
    },
    printErr() {},
  })
  return { createModule, binary: () => readFileSync(file), first }
}

async function copiedParser(cause: unknown): Promise<FoundParser> {
  const { embeddedParser } = await import('./embedded-parser.ts').catch((error: unknown) => {
    throw new AggregateError([cause, error], 'Neither the file of libpg-query nor the copy of it was found.')
  })
  if (embeddedParser === undefined) throw cause
  const { createModule, wasm } = embeddedParser
  return { createModule, binary: () => brotliDecompressSync(Buffer.from(wasm, 'base64')) }
}
