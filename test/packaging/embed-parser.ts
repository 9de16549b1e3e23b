import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const REPLACED = [
  // Node's ways to a file are not wanted, and an ES module has no `require` and no `__dirname`.
  [/var ENVIRONMENT_IS_NODE=[^;]*;/gu, 'var ENVIRONMENT_IS_NODE=false;'],
  [/\brequire\("node:\w+"\)/gu, 'undefined'],
  [/\b__dirname\b/gu, '""'],
  [/\b__filename\b/gu, '""'],
  // What it is exported by.
  [/;if\(typeof exports==="object"[\s\S]*$/gu, ';'],
] as const

/**
 * Writes the parser of libpg-query, code and WebAssembly, over what the compiler has made of `embedded-parser.ts`. That is
 * not in the sources, because it is half a megabyte that says nothing to a reader.
 */
export function embedParser(sql: string): void {
  const manifest = createRequire(join(sql, 'package.json')).resolve('libpg-query/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  const folder = dirname(manifest)
  const license = readFileSync(join(folder, 'LICENSE'), 'utf8').trim()
  const head = `/*! libpg-query ${version}\n\n${license} */\n`
  const files = ['esm', 'cjs'].map((format) => join(sql, 'dist', format, 'parse/embedded-parser.js'))
  if (files.every((file) => existsSync(file) && readFileSync(file, 'utf8').startsWith(head))) return

  let code = readFileSync(join(folder, 'wasm/libpg-query.js'), 'utf8')
  for (const [pattern, replacement] of REPLACED) {
    if (!pattern.test(code)) throw new Error(`libpg-query ${version} has no ${pattern.source} any more`)
    code = code.replaceAll(pattern, replacement)
  }
  const wasm = brotliCompressSync(readFileSync(join(folder, 'wasm/libpg-query.wasm')), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 },
  })
  const value = `{ createModule: PgQueryModule, wasm: '${wasm.toString('base64')}' }`
  const [esm = '', cjs = ''] = files
  writeFileSync(esm, `${head}${code}\nexport const embeddedParser = ${value}\n`)
  writeFileSync(cjs, `${head}"use strict"\nexports.__esModule = true\n${code}\nexports.embeddedParser = ${value}\n`)
}
