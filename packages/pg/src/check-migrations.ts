import type { MigrationFinding, Runtime } from '@expand-contract/core'
import { type CheckOptions, checkWith } from '@expand-contract/session'
import { askOwnQuery } from './ask-own-query.ts'

/** What there is of a pg.Pool or pg.Client, instrumented or not. */
export interface QueryableLike {
  query(text: string): unknown
}

/**
 * Compares the migrations with the database, for the start of an application, a health check or a test of the pipeline: tables,
 * columns and types, functions and types of mappings, whether the first rows of each table come back from the new columns,
 * triggers and views, and, as a hint, other sessions that may write. It writes nothing, and never rejects: what cannot be checked
 * is a finding, too. Errors come first.
 *
 * ```ts
 * const findings = await checkMigrations(runtime, pool)
 * for (const { severity, message, hint } of findings) logger[severity === 'warning' ? 'warn' : severity](message, hint)
 * ```
 *
 * Takes a pool or a connected client outside of a transaction, instrumented or not; some 10 ms for each migration. The rows of
 * the sample are read and compared within the database, and no value is part of a finding.
 */
export async function checkMigrations(
  runtime: Runtime,
  connection: QueryableLike,
  options: CheckOptions = {},
): Promise<readonly MigrationFinding[]> {
  const own = isPool(connection) ? await connection.connect().catch((error: unknown) => ({ error })) : connection
  if ('error' in own) return checkWith(runtime, () => Promise.reject(own.error), options)
  try {
    return await checkWith(runtime, (query) => askOwnQuery(own, query), options)
  } finally {
    if (isPool(connection)) (own as PooledClient).release()
  }
}

interface PooledClient extends QueryableLike {
  release(): void
}

interface PoolLike extends QueryableLike {
  connect(): Promise<PooledClient>
  readonly totalCount: number
}

const isPool = (connection: QueryableLike): connection is PoolLike => 'totalCount' in connection
