import type { PhaseSource } from '@expand-contract/core'
import { type ControlOptions, checkedSchema } from './control.ts'

/**
 * Phases as each database has recorded them. It opens no connection and asks nothing by itself: the driver reads them in the
 * query by which it reads the columns of the tables, so a phase is never older than `catalogRefreshMs`, a replica answers with its
 * own, and a process that serves several databases follows each.
 *
 * While the schema is not installed, may not be read, or has no row of a migration that this version understands, both columns
 * are written as long as both exist, and the old one is read; the observer is told once.
 *
 * ```ts
 * import { databasePhases } from '@expand-contract/control'
 * import { createRuntime } from '@expand-contract/core'
 *
 * const runtime = await createRuntime({ migrations, flags, phases: databasePhases() })
 * ```
 * @throws EC_CONTROL_SCHEMA
 */
export function databasePhases(options: ControlOptions = {}): PhaseSource {
  return Object.freeze({
    inCatalog: Object.freeze({ schema: checkedSchema(options.schema) }),
    phaseOf: () => undefined,
  })
}
