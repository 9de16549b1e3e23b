import { ExpandContractError } from '@expand-contract/core'
import type { OwnQueryField } from '@expand-contract/session'
import type pg from 'pg'
import type { PgErrorCode } from './error-catalogue.ts'

/**
 * The parts of pg.Client that it does not promise, all in this file: its queue, and what it has under way. The oldest
 * version that has them under these names is 8.17, and `checkDriver` refuses any other before the first statement.
 */
export interface QueryCarrier {
  text?: unknown
  name?: unknown
  values?: unknown
  callback?: unknown
  submit(connection: Connection): Error | null | undefined
  handleError(error: unknown, connection: Connection): void
  /** pg-query-stream keeps its SQL here. */
  readonly cursor?: { text?: unknown } | undefined
}

export interface Connection {
  readonly parsedStatements: Readonly<Record<string, string>>
  on(
    event: 'parameterStatus',
    listener: (message: { readonly parameterName: string; readonly parameterValue: string }) => void,
  ): unknown
}

export interface ClientInternals {
  readonly connection: Connection
  readonly pipeline: boolean | undefined
  readonly replication: unknown
  readonly host: unknown
  readonly port: unknown
  readonly database: unknown
  _queryQueue: QueryCarrier[]
  _sentQueryQueue: QueryCarrier[] | undefined
  _activeQuery: QueryCarrier | null | undefined
  _connected: boolean
  _queryable: boolean
  _Promise: PromiseConstructor | undefined
  readyForQuery: boolean | undefined
  hasExecuted: boolean | undefined
  _pulseQueryQueue(): void
  _handleCommandComplete(message?: { readonly text?: string }): void
  _handleReadyForQuery(message?: { readonly status?: string }): void
  _handleErrorMessage(message: unknown): void
  emit(event: string): boolean
  once(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

export type ConnectCallback = (error: Error | null | undefined, ...rest: readonly unknown[]) => void

export interface LooseClient extends ClientInternals {
  /** Deprecated, and asked for by `cancel` all the same. */
  get activeQuery(): QueryCarrier | null | undefined
  set activeQuery(query: QueryCarrier | null | undefined)
  connect(callback?: ConnectCallback): unknown
  query(config: unknown, values?: unknown, callback?: unknown): unknown
}

export interface LooseQuery extends QueryCarrier {
  query_timeout?: unknown
  types?: unknown
  _rowMode: unknown
  /** What has arrived of the answer to the statement that runs, and the results of those before it in the text. */
  _result: { readonly command: string | null; readonly fields: readonly OwnQueryField[]; readonly _types?: unknown }
  _results: unknown
}

export type LooseClientClass = (new (config?: unknown) => LooseClient) & { readonly prototype: LooseClient }
export type LooseQueryClass = new (config: unknown, values?: unknown, callback?: unknown) => LooseQuery

/** The part of the pg module that is used: `import pg from 'pg'`. */
export interface PgModule {
  readonly Client: typeof pg.Client
  readonly Pool: typeof pg.Pool
  readonly Query: typeof pg.Query
}

/**
 * @throws EC_DRIVER for pg-native, whose results arrive complete and cannot be told apart by statement, and for a
 * version of pg that keeps its queue elsewhere
 */
export function checkDriver(module: PgModule): { readonly Client: LooseClientClass; readonly Query: LooseQueryClass } {
  const Client = module.Client as unknown as LooseClientClass
  const Query = module.Query as unknown as LooseQueryClass
  if (typeof Query?.prototype?.handleRowDescription !== 'function')
    refuse(
      'The pg module that was given uses pg-native, which cannot run statements ahead of others.',
      'Use the JavaScript driver: unset NODE_PG_FORCE_NATIVE, and hand over `pg` instead of `pg.native`.',
    )
  const sample = new Client()
  const handlers = [
    sample._pulseQueryQueue,
    sample._handleCommandComplete,
    sample._handleReadyForQuery,
    sample._handleErrorMessage,
  ]
  const query = new Query({ text: '', rowMode: 'array' })
  const fits =
    Array.isArray(sample._queryQueue) &&
    '_activeQuery' in sample &&
    handlers.every((handler) => typeof handler === 'function') &&
    Array.isArray(query._result?.fields) &&
    query._results === query._result &&
    query._rowMode === 'array'
  if (!fits)
    refuse(
      'The pg module that was given keeps its queue in another way than the versions that this one was built for.',
      'Use pg 8.17 or later, below 9, and the newest @expand-contract/pg.',
    )
  return { Client, Query }
}

function refuse(message: string, hint: string): never {
  const code: PgErrorCode = 'EC_DRIVER'
  throw new ExpandContractError(code, { message, hint })
}
