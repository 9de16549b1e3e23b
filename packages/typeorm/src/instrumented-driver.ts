import type { Runtime } from '@expand-contract/core'
import { type InstrumentOptions, instrumentedClient, type PgModule } from '@expand-contract/pg'
import pg from 'pg'
import type { MigratingDataSourceOptions } from './typeorm-versions.ts'

/**
 * The class of the connections of a DataSource, for its option `extra.Client`: pg's Pool takes it from there, also for
 * replicas, and where pg-native is installed. It is built on the Client that the DataSource would have had.
 */
export function clientFor(
  runtime: Runtime,
  { driver, extra }: MigratingDataSourceOptions,
  options: InstrumentOptions,
): typeof pg.Client {
  const module: PgModule = driver ?? pg
  const given: unknown = extra?.Client
  if (typeof given !== 'function') return instrumentedClient(runtime, { ...options, pg: module })
  const { Pool, Query } = module
  return instrumentedClient(runtime, { ...options, pg: { Client: given as PgModule['Client'], Pool, Query } })
}
