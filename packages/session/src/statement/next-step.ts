import type { Engine } from '../engine/engine.ts'
import type { InFlightState, InFlightStatement } from './in-flight-statement.ts'

/** The next step of a statement; without the parser those that may name a migrating table fail, and the others pass. */
export function nextStep(inFlight: InFlightStatement, { failure, runtime }: Engine): InFlightState {
  if (failure === undefined) return inFlight.advance()
  const text = inFlight.statement.text.toLowerCase()
  const touches = runtime.migrations.some((migration) => text.includes(migration.table.name.toLowerCase()))
  return touches ? { kind: 'failed', error: failure } : { kind: 'ready', plan: undefined }
}
