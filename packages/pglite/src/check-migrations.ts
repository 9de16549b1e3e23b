import type { PGlite } from '@electric-sql/pglite'
import type { MigrationFinding, Runtime } from '@expand-contract/core'
import { type CheckOptions, checkWith } from '@expand-contract/session'
import { askOwnQuery } from './ask-own-query.ts'
import { driverOf } from './instrumented-pglite.ts'
import type { PGliteLike } from './pglite-internals.ts'

/**
 * Compares the migrations with the database, for the start of an application or a test: tables, columns and types, functions and
 * types of mappings, whether the first rows of each table come back from the new columns, triggers and views. It writes
 * nothing, and never rejects: what cannot be checked is a finding, too. Errors come first.
 *
 * ```ts
 * const findings = await checkMigrations(runtime, db)
 * if (findings.some(({ severity }) => severity === 'error')) throw new Error(findings[0]?.message)
 * ```
 *
 * Takes an instance of PGlite, instrumented or not. No value of the table is part of a finding.
 */
export function checkMigrations(
  runtime: Runtime,
  db: PGliteLike,
  options?: CheckOptions,
): Promise<readonly MigrationFinding[]> {
  const driver = driverOf(db) ?? (db as unknown as PGlite)
  return checkWith(runtime, (query) => askOwnQuery(driver, driver, query), options)
}
