import type { DriverSql, Handler } from './postgres-js-internals.ts'

/** A connection that is the statement's alone until it is released. */
export interface HeldConnection {
  readonly sql: DriverSql
  readonly handler: Handler
  release(): void
}
