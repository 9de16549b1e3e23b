import type { LooseQuery } from './pg-internals.ts'

/** What an object may say that `query` is called with. */
export interface QueryConfigLike {
  readonly text?: unknown
  readonly name?: unknown
  readonly query_timeout?: unknown
  readonly submit?: unknown
}

interface PlainConfig {
  readonly text: string
  readonly name?: unknown
  readonly values?: unknown
  readonly rowMode?: unknown
  readonly types?: unknown
}

type QueryClass<Q extends LooseQuery> = new (config: unknown, values?: unknown, callback?: unknown) => Q

/** What is sent instead of what the config says. */
export interface SentAs {
  readonly text: string
  /** undefined where it stays. */
  readonly name: string | undefined
}

/** What `query` was called with, taken apart. */
export class QueryCall {
  readonly config: QueryConfigLike | string
  readonly values: unknown
  readonly callback: unknown
  readonly #plain: PlainConfig | undefined

  constructor(config: QueryConfigLike | string, values: unknown, callback: unknown) {
    this.config = config
    const plain = typeof config === 'string' ? { text: config } : plainConfig(config)
    this.#plain = plain
    const valuesAreLast = typeof values === 'function'
    // As pg has it: what is no value counts as none.
    this.values = plain === undefined ? values : valuesAreLast ? plain.values : values || plain.values
    this.callback = plain !== undefined && valuesAreLast ? callback || values : callback
  }

  /** True when there is no more than a text, values and a callback, which pg takes as they are. */
  get isText(): boolean {
    return this.#plain !== undefined && this.#plain.name === undefined && !shapesResult(this.#plain)
  }

  /** The query that pg makes of such a call. */
  make<Q extends LooseQuery>(Query: QueryClass<Q>, sent?: SentAs): Q {
    const { config, values, callback } = this
    const plain = this.#plain
    if (plain === undefined) return made(Query, { config: config as QueryConfigLike, values, callback }, sent)
    const query = new Query(sent?.text ?? plain.text, values, callback)
    const name = sent?.name ?? plain.name
    if (name !== undefined) query.name = name
    if (shapesResult(plain)) shapeResult(query, plain)
    return query
  }
}

interface CopiedCall {
  readonly config: QueryConfigLike
  readonly values: unknown
  readonly callback: unknown
}

/** Of a config that pg copies. */
function made<Q extends LooseQuery>(Query: QueryClass<Q>, { config, values, callback }: CopiedCall, sent?: SentAs): Q {
  const name = sent?.name === undefined ? {} : { name: sent.name }
  const query = new Query(sent === undefined ? config : { ...config, text: sent.text, ...name }, values, callback)
  if (config.query_timeout !== undefined) query.query_timeout = config.query_timeout
  return query
}

const PLAIN_KEYS = new Set<string | symbol>(['text', 'name', 'values', 'rowMode', 'types'])

/** True for an object literal, whose copy has all of it. */
export const isLiteral = (config: object): boolean => Object.getPrototypeOf(config) === Object.prototype

/**
 * A config of no more than these keys, which pg need not copy. Its copy, by property descriptors since it writes into it,
 * is a quarter of what a key look-up costs the client: 7 us of 28, more than everything that is added here. Drizzle sends
 * such a config, with `rowMode` and `types`, for everything.
 */
function plainConfig(config: QueryConfigLike): PlainConfig | undefined {
  if (!isLiteral(config) || typeof config.text !== 'string') return undefined
  return Reflect.ownKeys(config).every((key) => PLAIN_KEYS.has(key)) ? (config as PlainConfig) : undefined
}

/** True where a query that was made of text and values alone is not yet what the config asks for. */
const shapesResult = ({ rowMode, types }: PlainConfig): boolean => rowMode !== undefined || types !== undefined

/** Makes of a query what pg's constructor makes of it for these keys. */
function shapeResult(query: LooseQuery, { rowMode, types }: PlainConfig): void {
  const Result = query._result.constructor as new (rowMode: unknown, types: unknown) => LooseQuery['_result']
  query.types = types
  query._rowMode = rowMode
  query._result = new Result(rowMode, types)
  query._results = query._result
}
