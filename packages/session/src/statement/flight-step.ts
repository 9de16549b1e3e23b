import type { Waist } from '../engine/waist.ts'
import type { Flight, FlightState } from './flight.ts'

/** The next step of a statement; without the parser those that may name a migrating table fail, and the others pass. */
export function nextStep(flight: Flight, { failure, runtime }: Waist): FlightState {
  if (failure === undefined) return flight.advance()
  const text = flight.statement.text.toLowerCase()
  const touches = runtime.migrations.some((migration) => text.includes(migration.table.name.toLowerCase()))
  return touches ? { kind: 'failed', error: failure } : { kind: 'ready', plan: undefined }
}
