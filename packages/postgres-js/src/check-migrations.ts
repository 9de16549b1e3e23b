import type { MigrationFinding, Runtime } from '@expand-contract/core'
import { type CheckOptions, checkWith } from '@expand-contract/session'
import type postgres from 'postgres'
import { askOwnQuery } from './ask-own-query.ts'
import { driverOf } from './instrumented-sql.ts'
import type { DriverPool } from './postgres-js-internals.ts'

/**
 * Compares the migrations with the database, for the start of an application, a health check or a test of the pipeline: tables,
 * columns and types, functions and types of mappings, whether the first rows of each table come back from the new columns,
 * triggers and views, and, as a hint, other sessions that may write. It writes nothing, and never rejects: what cannot be checked
 * is a finding, too. Errors come first.
 *
 * ```ts
 * const findings = await checkMigrations(runtime, sql)
 * if (findings.some(({ severity }) => severity === 'error')) throw new Error(findings[0]?.message)
 * ```
 *
 * Takes what postgres() or instrumentedSql() returned. No value of the table is part of a finding.
 */
export function checkMigrations<Types extends Record<string, unknown>>(
  runtime: Runtime,
  sql: postgres.Sql<Types>,
  options?: CheckOptions,
): Promise<readonly MigrationFinding[]> {
  const driver = driverOf(sql) ?? (sql as unknown as DriverPool)
  return checkWith(runtime, (query) => askOwnQuery(driver, query), options)
}
