import type { LooseQuery } from './client-internals.ts'

export interface PlainConfig {
  readonly text: string
  readonly name?: unknown
  readonly values?: unknown
  readonly rowMode?: unknown
  readonly types?: unknown
}

const PLAIN_KEYS = new Set<string | symbol>(['text', 'name', 'values', 'rowMode', 'types'])

/** True for an object literal, whose copy has all of it. */
export const isLiteral = (config: object): boolean => Object.getPrototypeOf(config) === Object.prototype

/**
 * A config of no more than these keys, which pg need not copy. Its copy, by property descriptors since it writes into it,
 * is a quarter of what a key look-up costs the client: 7 us of 28, more than everything that is added here. Drizzle sends
 * such a config, with `rowMode` and `types`, for everything.
 */
export function plainConfig(config: unknown): PlainConfig | undefined {
  if (typeof config !== 'object' || config === null || !isLiteral(config)) return undefined
  if (!('text' in config) || typeof config.text !== 'string') return undefined
  return Reflect.ownKeys(config).every((key) => PLAIN_KEYS.has(key)) ? (config as PlainConfig) : undefined
}

/** True where a query that was made of text and values alone is not yet what the config asks for. */
export const shapesResult = ({ rowMode, types }: PlainConfig): boolean => rowMode !== undefined || types !== undefined

/** Makes of a query what pg's constructor makes of it for these keys. */
export function shapeResult(query: LooseQuery, config: PlainConfig): void {
  if (!shapesResult(config)) return
  const { rowMode, types } = config
  const Result = query._result.constructor as new (rowMode: unknown, types: unknown) => LooseQuery['_result']
  query.types = types
  query._rowMode = rowMode
  query._result = new Result(rowMode, types)
  query._results = query._result
}
