/** What `libpg-query` is made of, as far as it is used here: the package itself has one instance for all, which cannot be replaced. */
declare module 'libpg-query/wasm/libpg-query.js' {
  export interface ParserModule {
    _malloc(size: number): number
    _free(pointer: number): void
    _wasm_parse_query_raw(text: number): number
    _wasm_free_parse_result(result: number): void
    _wasm_scan(text: number): number
    _wasm_fingerprint(text: number): number
    _wasm_free_string(text: number): void
    getValue(pointer: number, type: 'i32'): number
    lengthBytesUTF8(text: string): number
    stringToUTF8(text: string, pointer: number, size: number): void
    UTF8ToString(pointer: number): string
  }

  export interface ModuleHooks {
    printErr?: (text: string) => void
    locateFile?: (name: string, folder: string) => string
    instantiateWasm?: (imports: object, receive: (instance: object) => void) => void
  }

  /** Fills the object that it is given, with `instantiateWasm` before it returns. */
  const createModule: (hooks: ModuleHooks & Partial<ParserModule>) => Promise<ParserModule>
  // biome-ignore lint/style/noDefaultExport: it is what the package exports
  export default createModule
}
