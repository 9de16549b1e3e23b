import { ExpandContractError } from '@expand-contract/core'
import type { PostgresJsErrorCode } from './error-catalogue.ts'

/**
 * The parts of postgres-js that it does not promise, all in this file: what `sql.unsafe` and a tagged template return is a
 * promise that hands itself to `handler` once it is awaited, and is sent as its `strings` and `args` say then. 3.4.8 is the
 * first version that settles it when the server is ready for the next one. `checkDriver` refuses what is none of them before the first
 * statement.
 */
export interface PendingQuery extends Promise<unknown> {
  strings: readonly string[]
  args: readonly unknown[]
  /** Its text is built from a template. */
  tagged: boolean
  handler: Handler
  /** Where it was written. */
  readonly origin: string
  resolve: (result: unknown) => void
  reject: (error: unknown) => void
  /** Set once it has been cancelled. */
  readonly cancelled: unknown
  /** COPY: it resolves to a stream while it runs. */
  readonly streaming?: boolean
  readonly cursorFn?: unknown
  readonly forEachFn?: unknown
  /** What it has of its last execution. */
  state: unknown
  statement: unknown
  parameters: unknown
  raw(): PendingQuery
}

export interface Handler {
  (query: PendingQuery): unknown
  debug?: unknown
}

/** A helper in a template, as `sql(row, 'name')`. */
export interface TemplateHelper {
  build(before: string, parameters: unknown[], types: unknown[], options: unknown): unknown
}

type Constructor<T> = abstract new (...args: never) => T

/** The classes of the copy of postgres-js that made an instance. It exports none of them. */
export interface DriverClasses {
  readonly Query: Constructor<PendingQuery>
  readonly Helper: Constructor<TemplateHelper>
  readonly Identifier: Constructor<{ readonly value: string }>
}

/** A connection of the driver, which it shows to the option `onexecute` of a statement that it has sent there. */
export interface DriverConnection {
  /** The list of the driver's that it is in. */
  queue: {
    readonly length: number
    remove(connection: DriverConnection): unknown
    push(connection: DriverConnection): unknown
  }
  /** Started when it enters the list of those that are open and idle. */
  readonly idleTimer: { start(...args: unknown[]): unknown }
  /** Set while it is reserved: called when everything that was sent there is answered. */
  reserved: ((() => unknown) & { readonly release: boolean }) | null
  /** Called once when it is closed. */
  onclose?: ((error: unknown) => void) | null
  /** Falsy when nothing more should be sent before `reserved` is called. */
  execute(query: PendingQuery): unknown
}

export interface UnsafeOptions {
  readonly prepare?: boolean
  readonly onexecute?: (connection: DriverConnection) => void
}

export interface DriverOptions {
  readonly host: readonly string[]
  readonly port: readonly number[]
  readonly database: string
  readonly max: number
  readonly transform: { readonly row: { readonly from?: unknown } }
}

/** An instance of postgres(), or what `begin`, `savepoint` and `reserve` hand out. */
export interface DriverSql {
  (first: unknown, ...rest: readonly unknown[]): unknown
  unsafe(text: string, args?: readonly unknown[], options?: UnsafeOptions): PendingQuery
  typed(value: unknown, type: unknown): unknown
}

export interface ReservedConnection extends DriverSql {
  release(): void
}

type Work = (sql: DriverSql) => unknown

export interface DriverTransaction extends DriverSql {
  savepoint(...args: readonly [Work] | readonly [string, Work]): Promise<unknown>
}

export interface DriverPool extends DriverSql {
  readonly options: DriverOptions
  readonly parameters: Readonly<Record<string, string | undefined>>
  begin(...args: readonly [Work] | readonly [string, Work]): Promise<unknown>
  reserve(): Promise<ReservedConnection>
  end(options?: { readonly timeout?: number | null }): Promise<unknown>
  close(): Promise<unknown>
}

/**
 * The classes of the driver that made an instance.
 * @throws EC_POSTGRES_JS for what is not an instance of postgres() that is known, or transforms rows
 */
export function checkDriver(sql: DriverPool): DriverClasses {
  const classes = driverClasses(sql)
  if (classes === undefined)
    throw refused(
      'What was handed to instrumentedSql is not an instance of postgres() as the versions are that it was built for.',
      'Hand over what postgres(...) returns, of postgres 3.4.8 or later, below 4, and not yet instrumented.',
    )
  if (sql.options.transform.row.from !== undefined)
    throw refused(
      'The instance of postgres() transforms rows, those by which the columns are read among them.',
      'Leave out `transform.row`; `transform.column` and `transform.value` can stay.',
    )
  return classes
}

function refused(message: string, hint: string): ExpandContractError {
  const code: PostgresJsErrorCode = 'EC_POSTGRES_JS'
  return new ExpandContractError(code, { message, hint })
}

/** undefined when this is no postgres-js that is known. */
function driverClasses(sql: DriverPool): DriverClasses | undefined {
  const query = typeof sql?.unsafe === 'function' ? sql.unsafe('') : undefined
  if (query === undefined || typeof sql.reserve !== 'function' || typeof sql.options?.transform !== 'object')
    return undefined
  const helper = sql({}) as TemplateHelper
  const identifier = sql('x') as { readonly value: unknown }
  const known =
    typeof query.handler === 'function' &&
    Array.isArray(query.strings) &&
    typeof query.resolve === 'function' &&
    typeof helper.build === 'function' &&
    typeof identifier.value === 'string'
  if (!known) return undefined
  return { Query: classOf(query), Helper: classOf(helper), Identifier: classOf(identifier) } as DriverClasses
}

const classOf = (value: object): unknown => value.constructor

/** What the driver says of a query: it is not told to the application before it is known what to tell it. */
export interface Outcome {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Takes the outcome of a query for ourselves; what it returns hands it to the application. Cursors set theirs anew for each part. */
export function takeOutcome(query: PendingQuery, taken: Outcome): Outcome {
  const told = { resolve: query.resolve, reject: query.reject }
  for (const key of ['resolve', 'reject'] as const)
    Object.defineProperty(query, key, {
      configurable: true,
      get: () => taken[key],
      set: (setting: Outcome[typeof key]) => {
        told[key] = setting
      },
    })
  return { resolve: (result) => told.resolve(result), reject: (error) => told.reject(error) }
}

/** What is sent, and the text by which errors show it. */
export interface Delivery {
  readonly wire: string
  readonly args: readonly unknown[]
  readonly text: string
}

/** Sets what a query sends. */
export function setText(query: PendingQuery, { wire, args, text }: Delivery): void {
  query.tagged = false
  query.strings = [wire]
  query.args = args
  // An error shows the statement by this; what is sent does not depend on it.
  Object.defineProperty(query, 'string', { configurable: true, get: () => text, set: () => undefined })
}

/** Hands a query to the driver as if for the first time. */
export function handOver(query: PendingQuery, handler: Handler): void {
  query.state = null
  query.statement = null
  query.parameters = undefined
  handler(query)
}
