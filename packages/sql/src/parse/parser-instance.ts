/// <reference path="./libpg-query-module.d.ts" />
import type { ModuleHooks, ParserModule } from 'libpg-query/wasm/libpg-query.js'
import { type FoundParser, findParser } from './find-parser.ts'
import { isStackOverflow, ParserFailure } from './parser-failure.ts'

/** Where PostgreSQL says that a statement is wrong; errors of any other file are the parser's own: out of memory, stack depth. */
const SYNTAX_FILES = /(?:^|_)(?:scan\.l|gram\.y|parser\.c|mbutils\.c)$/

/**
 * Beyond this many bytes an answer has made the parser's memory grow, which WebAssembly never gives back: the instance is
 * replaced, for less than what the parsing has cost.
 */
const MAX_KEPT_ANSWER = 4_194_304

/** Node has it, and its types do not. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object, imports: object) => object
  }
}

let found: Omit<FoundParser, 'first'> | undefined
let compiled: object | undefined
let current: ParserModule | undefined

/** Makes the first instance. */
export async function loadInstance(): Promise<void> {
  if (found !== undefined) return
  // The first one is not kept for ever: it is replaced when its memory has grown.
  const { first, ...parser } = await findParser()
  current = first ?? newInstance(parser)
  found = parser
}

/**
 * Calls the parser. An error that is thrown across WebAssembly leaves its stack and its memory as they were in the midst of
 * it, so that the instance is not used again.
 * @throws ParserFailure
 */
function run<T>(context: (parser: ParserModule) => T): T {
  try {
    current ??= newInstance()
    return context(current)
  } catch (error) {
    current = undefined
    throw error instanceof ParserFailure
      ? error
      : new ParserFailure(isStackOverflow(error) ? 'too-deep' : 'parser-failed', error)
  }
}

/** Without waiting: a statement is planned between two messages of a connection. */
function newInstance(from = found): ParserModule {
  if (from === undefined) throw new RangeError('the parser was not loaded')
  compiled ??= new WebAssembly.Module(from.binary())
  const module = compiled
  let failure: unknown
  const parser: ModuleHooks & Partial<ParserModule> = {
    instantiateWasm(imports, receive) {
      try {
        receive(new WebAssembly.Instance(module, imports))
      } catch (error) {
        failure = error
      }
    },
  }
  from.createModule(parser).catch(() => {})
  if (failure !== undefined) throw new ParserFailure('parser-failed', failure)
  return parser as ParserModule
}

/** The tree of a text as JSON; undefined when PostgreSQL's scanner or grammar does not accept it. */
export function parseToJson(text: string): string | undefined {
  return run((parser) => {
    const input = toMemory(parser, text)
    const result = parser._wasm_parse_query_raw(input)
    if (result === 0) throw new ParserFailure('parser-failed')
    const error = parser.getValue(result + 8, 'i32')
    if (error !== 0) checkError(parser, error)
    const json = error === 0 ? parser.UTF8ToString(parser.getValue(result, 'i32')) : undefined
    parser._free(input)
    parser._wasm_free_parse_result(result)
    if (json !== undefined && json.length > MAX_KEPT_ANSWER) current = undefined
    return json
  })
}

/** The tokens of a text as JSON. */
export function scanToJson(text: string): string {
  const json = run((parser) => answerOf(parser, text, parser._wasm_scan))
  if (!json.startsWith('{')) throw new ParserFailure('parser-failed')
  return json
}

/** 16 hexadecimal digits, or what is wrong with the text. */
export const fingerprint = (text: string): string => run((parser) => answerOf(parser, text, parser._wasm_fingerprint))

function answerOf(parser: ParserModule, text: string, ask: (text: number) => number): string {
  const input = toMemory(parser, text)
  const result = ask(input)
  const answer = parser.UTF8ToString(result)
  parser._free(input)
  parser._wasm_free_string(result)
  return answer
}

function toMemory(parser: ParserModule, text: string): number {
  const size = parser.lengthBytesUTF8(text) + 1
  const pointer = parser._malloc(size)
  if (pointer === 0) throw new ParserFailure('parser-failed')
  parser.stringToUTF8(text, pointer, size)
  return pointer
}

/** @throws ParserFailure for an error that says nothing of the text */
function checkError(parser: ParserModule, error: number): void {
  const at = parser.getValue(error + 8, 'i32')
  const source = at === 0 ? '' : parser.UTF8ToString(at)
  if (SYNTAX_FILES.test(source)) return
  throw new ParserFailure('parser-failed')
}
