/**
 * The parts of postgres-js that it does not promise, all in this file: what `sql.unsafe` and a tagged template return is a
 * promise that hands itself to `handler` once it is awaited, and is sent as its `strings` and `args` say then. 3.4.8 is the
 * first version that settles it when the server is ready for the next one.
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

/** undefined when this is no postgres-js that is known. */
export function driverClasses(sql: DriverPool): DriverClasses | undefined {
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
